using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Routes;

/// <summary>Puts what plugins say of their own routes into the API document.</summary>
internal sealed partial class RouteDocuments(ModuleCatalog catalog, ApiOperations operations) : IOperations
{
    public void Map()
    {
        foreach (var (route, description) in catalog.Routes.SelectMany(r => r.Options.Document, (r, d) => (r, d)))
        {
            Describe(route, description);
        }
    }

    private void Describe(MountedRoute route, RouteDescription described)
    {
        var path = $"{route.Mount}/{described.Path}";
        operations.Describe(
            new Operation
            {
                Id = described.Id,
                Method = described.Method,
                Route = path,
                DocumentPath = path,
                Component = route.Component,
                DomainAfter = described.Path.StartsWith('{') ? $"{route.Mount}/" : null,
                Tag = described.Tag,
                Summary = described.Summary,
                Access = described.IsForCallers ? new AccessRule.SignedIn() : new AccessRule.Public(),
                Parameters =
                [
                    .. Parameter().Matches(path).Select(m => ApiOperations.Href(m.Groups["name"].Value)),
                    .. described.Query.Select(name => new OperationParameter(name, "query", Schemas.Text())),
                ],
                Body = described.Body is { } body ? Form(route.Component, body, described.File) : null,
                Forms = BodyForms.FormsOnly,
                Responses = new Dictionary<int, JsonObject?>
                {
                    [200] = described.Answer is { } answer ? Answer(route.Component, answer) : null,
                },
                Handler = _ => throw new InvalidOperationException("A plugin's own route answers it."),
            }
        );
    }

    private string Form(string component, Type record, string? file)
    {
        var kind = ResourceKind.OfBody(component, record);
        var fields = kind.Fields.Where(f => f.Writable).ToList();
        operations.Schema(
            kind.ModelName,
            Schemas.Of(
                [
                    .. fields.Select(f => (f.Name, Schemas.ForInput(f))),
                    .. file is null ? [] : new[] { (file, Schemas.Binary("The file.")) },
                ],
                [.. fields.Where(f => f.Required).Select(f => f.Name), .. file is null ? [] : new[] { file }]
            )
        );
        return kind.ModelName;
    }

    private JsonObject Answer(string component, Type record)
    {
        var kind = ResourceKind.OfBody(component, record);
        var name = $"{kind.ModelName}Response";
        operations.Schema(
            name,
            Schemas.Of(
                kind.Fields.Where(f => f.Shown).Select(f => (f.Name, Schemas.ForOutput(f))),
                [.. kind.Fields.Where(f => f.Required && f.Shown).Select(f => f.Name)]
            )
        );
        return Schemas.Ref(name);
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}
