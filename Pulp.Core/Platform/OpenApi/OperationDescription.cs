using System.Globalization;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>An operation in the API document.</summary>
internal static class OperationDescription
{
    /// <param name="operation">The operation.</param>
    /// <param name="form">Which document it is for.</param>
    /// <param name="path">Its path there.</param>
    public static JsonObject Of(Operation operation, DocumentForm form, string path)
    {
        var item = new JsonObject
        {
            ["operationId"] = form.Bindings ? ActionOf(operation) : operation.Id,
            ["summary"] = operation.Summary,
            ["description"] = Sentence(operation),
            ["parameters"] = new JsonArray([
                .. Parameters(operation, form).Concat(DomainPlaces.ParametersOf(path)).Select(Parameter),
            ]),
            ["tags"] = new JsonArray(operation.Tag),
        };
        if (operation.Body is { } body)
        {
            item["requestBody"] = new JsonObject { ["content"] = Forms(operation.Forms, body), ["required"] = true };
        }

        if (operation.Access is not AccessRule.Public)
        {
            item["security"] = new JsonArray(
                new JsonObject { ["basicAuth"] = new JsonArray() },
                new JsonObject { ["cookieAuth"] = new JsonArray() }
            );
        }

        item["responses"] = Responses(operation);
        return item;
    }

    /// <summary>One sentence from what is declared: what it does, for whom, and whether a task does it.</summary>
    private static string Sentence(Operation operation)
    {
        var who = operation.Access switch
        {
            AccessRule.Public => "anybody, also without signing in",
            AccessRule.SignedIn => "whoever is signed in",
            AccessRule.Policy { Permission: null } => "whom its access policy lets",
            AccessRule.Policy { Permission: "" } => "administrators",
            AccessRule.Policy policy => $"users with the permission {policy.Permission}",
            var rule => throw new InvalidOperationException($"{operation.Id}: {rule} can't be described."),
        };
        var how = operation.Responses.ContainsKey(202)
            ? operation.Responses.ContainsKey(200)
                ? "; a task does it unless nothing changes"
                : "; a task does it"
            : "";
        return $"{operation.Summary.TrimEnd('.')}: for {who}{how}.";
    }

    /// <summary>
    /// The operation's id without the part that its path says. A view that isn't one of a kind of resource keeps its whole id, as
    /// Pulp's does.
    /// </summary>
    private static string ActionOf(Operation operation)
    {
        var stem = KeyPaths.StemOf(operation);
        var ofKind = operation.Route.Contains('{', StringComparison.Ordinal);
        if (operation.Id.StartsWith(stem + "_", StringComparison.Ordinal))
        {
            var action = operation.Id[(stem.Length + 1)..];
            return action == "read" && !ofKind ? operation.Id : action;
        }

        return operation.Id == stem ? KeyPaths.LastWordOf(operation) : operation.Id;
    }

    private static IEnumerable<OperationParameter> Parameters(Operation operation, DocumentForm form)
    {
        yield return new OperationParameter("X-Task-Diagnostics", "header", Schemas.Array(Schemas.Text()))
        {
            Description = "The diagnostics to record of the tasks that the request starts.",
        };
        if (form.KeysInPaths)
        {
            foreach (var key in KeyPaths.ParametersOf(operation))
            {
                yield return key;
            }
        }

        foreach (var parameter in operation.Parameters.Where(p => !form.KeysInPaths || p.In != "path"))
        {
            yield return parameter;
        }
    }

    private static JsonObject Responses(Operation operation)
    {
        var responses = new JsonObject();
        foreach (var (status, schema) in operation.Responses.OrderBy(r => r.Key))
        {
            var response = new JsonObject { ["description"] = Description(status) };
            if (schema is not null)
            {
                response["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = schema.DeepClone() },
                };
            }

            responses[status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        foreach (var (status, name) in ErrorAnswers.Of(operation))
        {
            var key = status.ToString(CultureInfo.InvariantCulture);
            if (!responses.ContainsKey(key))
            {
                responses[key] = new JsonObject { ["$ref"] = "#/components/responses/" + name };
            }
        }

        return responses;
    }

    private static string Description(int status) =>
        status switch
        {
            200 => "What was asked for.",
            201 => "It was created.",
            202 => "A task does it.",
            204 => "It was done; there is nothing to answer.",
            409 => "It has ended already.",
            _ => throw new InvalidOperationException($"Nobody says what {status} means."),
        };

    private static JsonObject Forms(BodyForms forms, string schema)
    {
        JsonObject Content() => new() { ["schema"] = Schemas.Ref(schema) };
        return forms == BodyForms.FormsOnly
            ? new JsonObject { ["multipart/form-data"] = Content(), ["application/x-www-form-urlencoded"] = Content() }
            : new JsonObject
            {
                ["application/json"] = Content(),
                ["application/x-www-form-urlencoded"] = Content(),
                ["multipart/form-data"] = Content(),
            };
    }

    private static JsonNode Parameter(OperationParameter parameter)
    {
        var item = new JsonObject
        {
            ["in"] = parameter.In,
            ["name"] = parameter.Name,
            ["description"] = parameter.Description ?? ParameterDescriptions.Of(parameter),
            ["schema"] = parameter.Schema.DeepClone(),
        };
        if (parameter.Required)
        {
            item["required"] = true;
        }

        if (parameter.IsDomain)
        {
            item["x-isDomain"] = true;
        }

        if (parameter.Compact)
        {
            item["explode"] = false;
            item["style"] = "form";
        }

        return item;
    }
}
