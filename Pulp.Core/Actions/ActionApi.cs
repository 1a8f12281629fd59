using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Actions;

/// <summary>The plugins' own operations on resources, kinds and versions.</summary>
internal sealed class ActionApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    ResourceReader reader,
    FieldBinder binder,
    Versions versions
) : IKindActions
{
    public void Map(ResourceKind kind, IReadOnlyList<ActionDeclaration> actions)
    {
        foreach (var action in actions)
        {
            Map(kind, action);
        }
    }

    private void Map(ResourceKind kind, ActionDeclaration action)
    {
        var body = action.Body == typeof(NoBody) ? null : ResourceKind.OfBody(kind.AppLabel, action.Body);
        if (body is not null)
        {
            operations.Schema(body.SchemaName, ResourceSchemas.Request(body, partial: false));
        }

        var answers = ActionAnswering.Of(kind.AppLabel, action.Options.Answers, reader, store, database);
        answers.Describe(operations);
        var place = Place(kind, action.Target);
        operations.Add(
            new Operation
            {
                Id = $"{place.Stem}_{action.Verb}",
                Method = action.Options.IsGet ? "GET" : "POST",
                Route = $"{place.Route}{action.Verb}/",
                DocumentPath = $"{place.Path}{action.Verb}/",
                Tag = place.Tag,
                Summary = action.Options.Summary ?? Sentence(action.Verb),
                Access = new AccessRule.Policy(place.Policy, action.Verb, place.Target, kind, action.Permission),
                Parameters = place.Parameters,
                Body = body?.SchemaName,
                Forms = body?.Fields.Any(f => f.Attribute.IsFile) == true ? BodyForms.FormsOnly : BodyForms.JsonFirst,
                Responses = new Dictionary<int, JsonObject?> { [answers.Status] = answers.Schema },
                Handler = request => RunAsync(request, kind, action, body, answers),
            }
        );
    }

    private static ActionPlace Place(ResourceKind kind, ActionTarget target) =>
        target switch
        {
            ActionTarget.Resource => new ActionPlace(
                kind.OperationStem,
                KindPaths.RouteOf(kind),
                KindPaths.PathOf(kind),
                kind.Tag,
                kind.PolicyName,
                Target.Object,
                [ApiOperations.Href(kind)]
            ),
            ActionTarget.Kind => new ActionPlace(
                kind.OperationStem,
                ResourceKind.ApiRoot + kind.Path,
                ResourceKind.ApiRoot + kind.Path,
                kind.Tag,
                kind.PolicyName,
                Target.Kind,
                []
            ),
            _ => VersionApi.Place(kind),
        };

    private async Task RunAsync(
        AdmittedRequest request,
        ResourceKind kind,
        ActionDeclaration action,
        ResourceKind? bodyKind,
        ActionAnswering answers
    )
    {
        var cancellationToken = request.RequestAborted;
        var services = request.Http.RequestServices;
        request.Introduce();
        var resource =
            action.Target == ActionTarget.Kind
                ? null
                : await store.FindAsync(database, kind, request.Reach, request.Key, cancellationToken) as PulpResource
                    ?? throw ResourceChanges.NotFound(kind);
        var call = new ActionCall
        {
            Resource = resource,
            Version = action.Target == ActionTarget.Version ? await VersionAsync(request) : null,
            Body = action.Options.IsGet ? new NoBody() : await BodyAsync(request, action.Body, bodyKind),
            Caller = request.Caller,
            Tasks = services.GetRequiredService<ITaskDispatcher>(),
            Db = services.GetRequiredService<IDb>(),
            Services = services,
            Host = request.Request.Host.Value ?? "",
        };
        await answers.SendAsync(request, await action.Run(call, cancellationToken));
    }

    private async Task<RepositoryVersionRef> VersionAsync(AdmittedRequest request) =>
        WireNumbers.TryInteger(request.Request.RouteValues["number"] as string, out var number)
        && await versions.FindAsync(database, request.Id, number, request.RequestAborted) is { } version
            ? version.ToRef()
            : throw ResourceChanges.NotFound(registry.For<RepositoryVersionRecord>());

    private async Task<object> BodyAsync(AdmittedRequest request, Type record, ResourceKind? kind)
    {
        await using var body = await RequestBody.ReadAsync(
            request,
            files: null,
            request.RequestAborted,
            [.. (kind?.Fields ?? []).Where(f => f.Attribute.IsFile).Select(f => f.Name)]
        );
        var errors = new ValidationErrors();
        if (kind is null)
        {
            RequestFields.RefuseUnknown(body, [], errors);
            errors.ThrowIfAny();
            return Activator.CreateInstance(record) ?? new NoBody();
        }

        var values = await binder.BindAsync(
            kind,
            body,
            BindMode.Create,
            [],
            request.Reach,
            errors,
            request.RequestAborted
        );
        errors.ThrowIfAny();
        return values.ToRecord<object>(kind);
    }

    /// <summary><c>copy_tags</c> to <c>Copy tags</c>.</summary>
    private static string Sentence(string verb) => char.ToUpperInvariant(verb[0]) + verb[1..].Replace('_', ' ');
}
