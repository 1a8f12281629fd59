using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The API document as operations of the API: clients read it before anything else, without credentials.</summary>
internal sealed class DocumentApi(ApiOperations operations, IServiceProvider services) : IOperations
{
    public void Map()
    {
        Add("json", context => context.Response.JsonAsync(200, Document.Json));
        Add(
            "yaml",
            async context =>
            {
                context.Response.ContentType = "application/yaml";
                await context.Response.BodyWriter.WriteAsync(Document.Yaml, context.RequestAborted);
            }
        );
    }

    // Asked for late: the document describes this operation too.
    private ApiDocument Document => services.GetRequiredService<ApiDocument>();

    private void Add(string form, RequestDelegate handler) =>
        operations.Add(
            new Operation
            {
                Id = $"docs_api.{form}_get",
                Method = "GET",
                Route = $"{ResourceKind.ApiRoot}docs/api.{form}",
                Path = $"{ResourceKind.ApiRoot}docs/api.{form}",
                Tag = $"Docs: Api.{char.ToUpperInvariant(form[0])}{form[1..]}",
                Summary = $"This document as {form.ToUpperInvariant()}",
                Access = new AccessRule.Public(),
                AcceptsAnything = true,
                Parameters =
                [
                    new OperationParameter("lang", "query", Schemas.Choice(["en"])),
                    .. ResourceApi.FieldParameters(),
                ],
                Responses = new Dictionary<int, JsonObject?> { [200] = Schemas.Object() },
                Handler = handler,
            }
        );
}
