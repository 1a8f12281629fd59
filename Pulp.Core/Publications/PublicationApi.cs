using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Serving;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Publications;

/// <summary>Arguments of a publish: the version, and the publication's own fields as they were given.</summary>
internal sealed record PublishArgs(Guid Version, string Model, StoredBody? Body)
{
    /// <summary>The publication as a plugin gave it, as JSON.</summary>
    public string? Record { get; init; }

    /// <summary>The publication that the version's repository wants of each version by itself.</summary>
    public static PublishArgs Wanted(Guid version, string model) => new(version, model, Body: null);
}

/// <summary>Publishes a version. Its names on the wire are the plugins'.</summary>
internal sealed class PublishTask(
    Database database,
    ResourceRegistry registry,
    ResourceReader reader,
    FieldBinder binder,
    PublicationBuilder writing,
    IVersionPublishing wanted,
    Versions versions,
    ServingChanges stamp
) : PulpTask<PublishArgs>
{
    public override async Task<object?> RunAsync(
        PublishArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var version =
            await versions.FindAsync(database, args.Version, cancellationToken)
            ?? throw new ConflictException("The repository version is gone.");
        if (!registry.TryModel(args.Model, out var kind))
        {
            throw new ConflictException($"No installed component knows '{args.Model}'.");
        }

        var publication =
            args.Record is { } record ? (Publication?)JsonSerializer.Deserialize(record, kind.Record)
            : args.Body is { } given ? await ReadAsync(given, kind, TaskContext.Of(task).Reach, cancellationToken)
            : await wanted.WantedAsync(version.RepositoryId, cancellationToken);
        if (publication is null)
        {
            return null; // The repository was changed, and doesn't want it any more.
        }

        await using var progress = task.Progress(
            "Generating repository metadata",
            "publish.generating_metadata",
            total: 1
        );
        var written = await writing.WriteAsync(publication, version, task, cancellationToken);
        await database.InTransactionAsync(
            async tx =>
            {
                await PublicationBuilder.CompleteAsync(tx, written, cancellationToken);
                await stamp.ChangedAsync(tx, version.RepositoryId, cancellationToken);
            },
            cancellationToken
        );
        progress.Increment();
        progress.Complete();
        task.Created(kind.Href(TaskContext.Of(task).Reach.Scope, written.Id), kind.Prn(written.Id));
        return await reader.FindAsync(kind, TaskContext.Of(task).Reach, written.Id, CancellationToken.None);
    }

    private async Task<Publication> ReadAsync(
        StoredBody given,
        ResourceKind kind,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        await using var body = RequestBody.From(given);
        var errors = new ValidationErrors();
        var values = await binder.BindAsync(
            kind,
            body,
            BindMode.Create,
            PublicationApi.Extra,
            reach,
            errors,
            cancellationToken
        );
        errors.ThrowIfAny();
        return values.ToRecord<Publication>(kind);
    }
}

/// <summary>Creates publications; the other operations are the usual ones.</summary>
internal sealed class PublicationApi(
    ApiOperations operations,
    Database database,
    FieldBinder binder,
    References references,
    Versions versions,
    PublishDispatch publishing
)
{
    public static readonly string[] Extra = ["repository", "repository_version"];

    public void Map(ResourceKind kind, PublicationDeclaration declaration)
    {
        if (kind.Without.HasFlag(Operations.Create))
        {
            return;
        }

        operations.Schema(kind.SchemaName, ResourceSchemas.Request(kind, partial: false));
        operations.Add(
            kind.OnKind(
                "POST",
                "create",
                kind.Rule("create"),
                $"Create a {Names.Words(kind.ModelName)}",
                request => CreateAsync(request, kind, declaration)
            ) with
            {
                Body = kind.SchemaName,
                Responses = ResourceApi.SendsTask,
            }
        );
    }

    private async Task CreateAsync(AdmittedRequest request, ResourceKind kind, PublicationDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        var values = await binder.BindAsync(
            kind,
            body,
            BindMode.Create,
            Extra,
            request.Reach,
            errors,
            cancellationToken
        );
        await KindRules.CheckAsync(
            declaration,
            values.ToRecord<Publication>(kind),
            current: null,
            database,
            errors,
            cancellationToken
        );
        var repository = await RequestFields.ReferenceAsync(
            body,
            "repository",
            typeof(Repository),
            references,
            request.Reach,
            errors,
            cancellationToken
        );
        var version = await RequestFields.ReferenceAsync(
            body,
            "repository_version",
            typeof(RepositoryVersionRef),
            references,
            request.Reach,
            errors,
            cancellationToken
        );
        if (errors.IsEmpty && repository is null == version is null)
        {
            errors.Add(
                repository is null
                    ? "Either the 'repository' or 'repository_version' need to be specified"
                    : "Either the 'repository' or 'repository_version' need to be specified but not both."
            );
        }

        errors.ThrowIfAny();
        var row = version is { } id
            ? await versions.FindAsync(database, id, cancellationToken)
            : await versions.LatestAsync(database, repository ?? Guid.Empty, cancellationToken);
        if (row is null)
        {
            throw new ValidationException("repository_version", "Invalid hyperlink - Object does not exist.");
        }

        var args = new PublishArgs(row.PulpId, kind.Model, body.ToStored());
        await request.Response.TaskAsync(
            await publishing.SendAsync(declaration, row, args, request.Origin, cancellationToken)
        );
    }
}
