using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.Core.Uploads;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Contents;

/// <summary>Uploads of content that is made of one file: as a task, and synchronously.</summary>
internal sealed class ContentUploadApi(
    ApiOperations operations,
    ResourceRegistry registry,
    ResourceReader reader,
    ContentUploadReader uploads,
    ArtifactStore artifacts,
    FileStorage storage,
    ContentCreation creation,
    TaskDispatcher dispatcher,
    RepositoryTypes types
)
{
    public void Map(ResourceKind kind, ContentDeclaration declaration)
    {
        ContentUploadSchemas.AddTo(operations, registry, kind, declaration);
        var create = kind.OnKind(
            "POST",
            "create",
            kind.Rule("create"),
            $"Create a {Names.Words(kind.ModelName)}",
            request => CreateAsync(request, kind, declaration)
        ) with
        {
            Body = kind.SchemaName,
            Forms = BodyForms.FormsOnly,
            MaxRequestBytes = null,
            Responses = ResourceApi.SendsTask,
        };
        operations.Add(create);
        operations.Add(
            create with
            {
                Id = $"{kind.OperationStem}_upload",
                Route = $"{create.Route}upload/",
                DocumentPath = $"{create.DocumentPath}upload/",
                Access = kind.Rule("upload", "add"),
                Summary = $"Upload a {Names.Words(kind.ModelName)} synchronously",
                Body = $"{kind.ModelName}Upload",
                Responses = ResourceApi.Ok(201, $"{kind.ModelName}UploadResponse"),
                Handler = request => UploadAsync(request, kind, declaration),
            }
        );
    }

    private async Task CreateAsync(AdmittedRequest request, ResourceKind kind, ContentDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        await using var body = await RequestBody.ReadAsync(request, storage, cancellationToken);
        await using var held = await artifacts.HoldAsync(cancellationToken);
        var wanted = await uploads.ReadAsync(body, kind, declaration, request.Reach, sync: false, cancellationToken);
        var options = new DispatchOptions();
        if (wanted.Repository is { } repository)
        {
            options.Exclusive((await types.KindAsync(repository, cancellationToken)).Prn(repository));
        }

        if (wanted.Upload is { } upload)
        {
            options.Exclusive(registry.For<Upload>().Prn(upload));
        }

        var task = await dispatcher.SendAsync<GeneralCreate, ResourceChange>(
            new ResourceChange(
                kind.Model,
                null,
                new StoredBody(JsonSerializer.Serialize(wanted, WireJson.Options), IsForm: false),
                Partial: false
            ),
            options,
            request.Origin,
            cancellationToken
        );
        await request.Response.TaskAsync(task);
    }

    private async Task UploadAsync(AdmittedRequest request, ResourceKind kind, ContentDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        await using var body = await RequestBody.ReadAsync(request, storage, cancellationToken);
        await using var held = await artifacts.HoldAsync(cancellationToken);
        var wanted = await uploads.ReadAsync(body, kind, declaration, request.Reach, sync: true, cancellationToken);
        var id = (await creation.CreateAsync(wanted, request.WholeReach, cancellationToken))[0].PulpId;
        var json =
            await reader.FindAsync(kind, request.WholeReach, id, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.CreatedAsync(kind.Href(request.Reach.Scope, id), json);
    }
}
