using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The API document as operations of the API: clients read it before anything else, without credentials.</summary>
internal sealed class DocumentApi(ApiOperations operations, IServiceProvider services) : IOperations
{
    public void Map()
    {
        ErrorAnswers.Describe(operations);
        Add("json", request => request.Response.JsonAsync(200, Wanted(request.Request)));
        Add(
            "yaml",
            async request =>
            {
                request.Response.ContentType = "application/yaml";
                await request.Response.BodyWriter.WriteAsync(
                    YamlText.From(JsonNode.Parse(Wanted(request.Request).Span)),
                    request.RequestAborted
                );
            }
        );
    }

    /// <summary>The document in the form that the query asks for; Pulp's clients are generated from <c>?bindings&amp;component=</c>.</summary>
    private ReadOnlyMemory<byte> Wanted(HttpRequest request)
    {
        if (request.Query.ContainsKey("plugin"))
        {
            throw new BadRequestException("'plugin' has been removed. Use 'component' instead.");
        }

        var document = services.GetRequiredService<ApiDocument>();
        var components = request.Query["component"].ToString();
        return document.Json(
            document.Form(
                request.Query.ContainsKey("component") ? components.Split(',') : null,
                request.Query.ContainsKey("bindings"),
                request.Query.ContainsKey("pk_path")
            ),
            $"{request.Scheme}://{request.Host}/"
        );
    }

    private static OperationParameter Option(string name, string description) =>
        new(name, "query", Schemas.Text()) { Description = description };

    private void Add(string form, OperationHandler handler) =>
        operations.Add(
            new Operation
            {
                Id = $"docs_api.{form}_get",
                Method = "GET",
                Route = $"{ResourceKind.ApiRoot}docs/api.{form}",
                Tag = $"Docs: Api.{char.ToUpperInvariant(form[0])}{form[1..]}",
                Summary = $"This document as {form.ToUpperInvariant()}",
                Access = new AccessRule.Public(),
                AcceptsAnything = true,
                Parameters =
                [
                    new OperationParameter("lang", "query", Schemas.Choice(["en"])),
                    Option(
                        "bindings",
                        "Whether operations are named as clients that are generated from the document want it."
                    ),
                    Option("component", "The components to describe, joined by commas; all where none is named."),
                    Option("pk_path", "Whether paths hold keys instead of whole hrefs."),
                    .. KindParameters.OfFields(),
                ],
                Responses = new Dictionary<int, JsonObject?> { [200] = Schemas.Object() },
                Handler = handler,
            }
        );
}
