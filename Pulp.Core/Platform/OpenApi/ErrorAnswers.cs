using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The refusals that follow from an operation's declaration; their shapes are those of <see cref="ApiErrors"/>.</summary>
internal static class ErrorAnswers
{
    private const string Detail = "ErrorResponse";
    private const string Messages = "ValidationErrorResponse";

    private static readonly (string Name, string Description, string Schema)[] All =
    [
        ("BadRequest", "What was sent can't be used; the messages say why.", Messages),
        ("Unauthorized", "Credentials are missing or wrong.", Detail),
        ("Forbidden", "The caller doesn't have the permission.", Detail),
        ("NotFound", "It doesn't exist, or the caller may not see it.", Detail),
        ("PayloadTooLarge", "The request's body is too large.", Detail),
        ("UnsupportedMediaType", "The request's body has a form that is not read here.", Detail),
    ];

    public static void Describe(ApiOperations operations)
    {
        operations.Schema(Detail, Schemas.Of([("detail", Schemas.Text("Why it was refused."))], "detail"));
        operations.Schema(
            Messages,
            new JsonObject
            {
                ["description"] = "Messages by field, or a list of those that concern none, or one as detail.",
            }
        );
    }

    public static JsonObject Responses() =>
        new(
            All.Select(a =>
                KeyValuePair.Create<string, JsonNode?>(
                    a.Name,
                    new JsonObject
                    {
                        ["description"] = a.Description,
                        ["content"] = new JsonObject
                        {
                            ["application/json"] = new JsonObject { ["schema"] = Schemas.Ref(a.Schema) },
                        },
                    }
                )
            )
        );

    public static IEnumerable<(int Status, string Name)> Of(Operation operation)
    {
        if (operation.Body is not null || operation.Parameters.Any(p => p.In is "query" or "header"))
        {
            yield return (400, "BadRequest");
        }

        if (operation.Access is not AccessRule.Public)
        {
            yield return (401, "Unauthorized");
        }

        if (operation.Access is AccessRule.Policy)
        {
            yield return (403, "Forbidden");
        }

        if (operation.Route.Contains('{', StringComparison.Ordinal))
        {
            yield return (404, "NotFound");
        }

        if (operation.Body is not null)
        {
            yield return (413, "PayloadTooLarge");
            yield return (415, "UnsupportedMediaType");
        }
    }
}
