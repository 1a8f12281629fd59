using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.Core.Uploads;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Contents;

/// <summary>Uploads of content that is made of one file: as a task, and synchronously.</summary>
internal sealed class ContentUploadApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    ResourceReader reader,
    FieldBinder binder,
    References references,
    ArtifactStore artifacts,
    FileStorage storage,
    ContentCreation creation,
    TaskDispatcher dispatcher,
    RepositoryTypes types,
    PulpSettings settings
)
{
    private static readonly string[] Extra =
    [
        "repository",
        "artifact",
        "file",
        "upload",
        "file_url",
        "downloader_config",
        "overwrite",
        .. Digests.Names,
    ];

    public void Map(ResourceKind kind, ContentDeclaration declaration)
    {
        Describe(kind, declaration);
        var create = new Operation
        {
            Id = $"{kind.OperationStem}_create",
            Method = "POST",
            Route = ResourceKind.ApiRoot + kind.Path,
            Tag = kind.Tag,
            Summary = $"Create a {Names.Words(kind.ModelName)}",
            Access = kind.Rule("create"),
            Body = kind.SchemaName,
            Forms = BodyForms.FormsOnly,
            MaxRequestBytes = null,
            Responses = ResourceApi.SendsTask,
            Handler = request => CreateAsync(request, kind, declaration),
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

    private void Describe(ResourceKind kind, ContentDeclaration declaration)
    {
        var source = new List<(string, JsonObject)>
        {
            ("artifact", Schemas.Uri("Artifact file representing the physical content")),
            ("file", Schemas.Binary("An uploaded file that may be turned into the content unit.")),
            ("upload", Schemas.Uri("An uncommitted upload that may be turned into the content unit.").WriteOnly()),
            ("file_url", Schemas.Text("A url that Pulp can download and turn into the content unit.").WriteOnly()),
            ("downloader_config", Schemas.Ref("RemoteNetworkConfig")),
        };
        var fields = kind.Fields.Concat(declaration.Input?.Fields ?? []).Where(f => f.Writable).ToList();
        var own = fields.Select(f => (f.Name, Schemas.ForInput(f))).ToList();
        source.AddRange(
            Digests
                .Names.Where(digest => !own.Exists(o => o.Item1 == digest))
                .Select(digest =>
                    (digest, Schemas.NonEmptyText($"The expected {digest} digest of the file.").WriteOnly())
                )
        );
        string[] required = [.. fields.Where(f => f.Required).Select(f => f.Name)];
        operations.Schema(
            kind.SchemaName,
            Schemas.Of(
                [
                    (
                        "repository",
                        Schemas.Uri("A URI of a repository the new content unit should be associated with.").WriteOnly()
                    ),
                    ("overwrite", Schemas.Boolean("Whether a unit of the repository may be replaced.").WriteOnly()),
                    .. own,
                    .. source,
                ],
                required
            )
        );
        operations.Schema(
            $"{kind.ModelName}Upload",
            Schemas.Of(
                [
                    .. own.Select(o => (o.Name, (JsonObject)o.Item2.DeepClone())),
                    .. source.Select(s => (s.Item1, (JsonObject)s.Item2.DeepClone())),
                ],
                required
            )
        );
        operations.Schema($"{kind.ModelName}UploadResponse", ResourceSchemas.Response(kind));
        operations.Schema($"{kind.SchemaName}Response", ResourceSchemas.Response(kind));
        operations.Schema(
            "RemoteNetworkConfig",
            Schemas.Of(
                registry
                    .For<Remote>()
                    .Fields.Where(f =>
                        f is { Writable: true, OnDetail: false }
                        && f.Name is not ("name" or "url" or "policy" or "pulp_labels")
                    )
                    .Select(f => (f.Name, Schemas.ForInput(f)))
            )
        );
    }

    private async Task CreateAsync(AdmittedRequest request, ResourceKind kind, ContentDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        await using var body = await RequestBody.ReadAsync(request, storage, cancellationToken);
        await using var held = await artifacts.HoldAsync(cancellationToken);
        var wanted = await ReadAsync(body, kind, declaration, request.Reach, sync: false, cancellationToken);
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
        var wanted = await ReadAsync(body, kind, declaration, request.Reach, sync: true, cancellationToken);
        var id = (await creation.CreateAsync(wanted, request.WholeReach, cancellationToken))[0].PulpId;
        var json =
            await reader.FindAsync(kind, request.WholeReach, id, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.CreatedAsync(kind.Href(request.Reach.Scope, id), json);
    }

    private async Task<CreateContentArgs> ReadAsync(
        RequestBody body,
        ResourceKind kind,
        ContentDeclaration declaration,
        Reach reach,
        bool sync,
        CancellationToken cancellationToken
    )
    {
        var errors = new ValidationErrors();
        var values = await binder.BindAsync(
            kind,
            body,
            BindMode.Create,
            [.. Extra, .. (declaration.Input?.Fields ?? []).Where(f => f.Writable).Select(f => f.Name)],
            reach,
            errors,
            cancellationToken
        );
        if (declaration.Input is { } input)
        {
            await binder.BindAsync(input, body, BindMode.Create, [.. body.Names], reach, errors, cancellationToken);
        }

        await KindRules.CheckAsync(
            declaration,
            values.ToRecord<Content>(kind),
            current: null,
            database,
            errors,
            cancellationToken
        );

        var expected = UploadRules.ReadExpectation(body, settings, errors);
        var repository = sync
            ? null
            : await RequestFields.ReferenceAsync(
                body,
                "repository",
                typeof(Repository),
                references,
                reach,
                errors,
                cancellationToken
            );
        var artifact = await RequestFields.ReferenceAsync(
            body,
            "artifact",
            typeof(Artifact),
            references,
            reach,
            errors,
            cancellationToken
        );
        var upload = await RequestFields.ReferenceAsync(
            body,
            "upload",
            typeof(Upload),
            references,
            reach,
            errors,
            cancellationToken
        );
        var overwrite = RequestFields.Boolean(body, "overwrite", otherwise: true, errors);
        var url = RequestFields.Text(body, "file_url", errors);
        var file = body.File("file") as TemporaryFile;
        var sources = new[] { file is not null, artifact is not null, upload is not null, url is not null }.Count(s =>
            s
        );
        if (sources != 1 && !errors.Has("artifact") && !errors.Has("upload") && !errors.Has("file_url"))
        {
            errors.Add("Exactly one of 'artifact', 'file', 'upload' or 'file_url' must be specified.");
        }

        if (url is not null)
        {
            Remotes.RemoteRules.CheckUrl(url, settings, errors);
        }

        var config = ReadConfig(body, errors);
        await CheckRepositoryAsync(repository, kind, errors, cancellationToken);
        errors.ThrowIfAny();
        if (file is not null)
        {
            UploadRules.Verify(file, expected);
            artifact = (await artifacts.SaveAsync(reach.Domain, file, cancellationToken)).PulpId;
        }

        // What a file has to be read for is left to the task.
        if (!overwrite && repository is { } target && declaration.Complete is { } complete)
        {
            var unit = values.ToRecord<Content>(kind);
            var stored = artifact is { } id
                ? await store.FindAsync<Artifact>(database, reach, id, cancellationToken)
                : null;
            if (stored is not null)
            {
                unit = complete(unit, stored);
            }

            await OverwriteRule.EnsureFreeAsync(database, kind, target, unit, cancellationToken);
        }

        return new CreateContentArgs(
            kind.Model,
            body.ToStored(),
            artifact,
            upload,
            url,
            config,
            expected.Digests,
            repository,
            overwrite
        )
        {
            FileName = body.FileName("file"),
        };
    }

    private static string? ReadConfig(RequestBody body, ValidationErrors errors)
    {
        if (!body.TryGet("downloader_config", out var given) || given.IsNull)
        {
            return null;
        }

        if (given.AsJson() is { ValueKind: JsonValueKind.Object } config)
        {
            return config.GetRawText();
        }

        errors.Add("downloader_config", $"Invalid data. Expected a dictionary, but got {given.TypeName}.");
        return null;
    }

    private async Task CheckRepositoryAsync(
        Guid? repository,
        ResourceKind kind,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (repository is { } id && !creation.Holds((await types.KindAsync(id, cancellationToken)).Record, kind.Record))
        {
            errors.Add("repository", $"This repository can't hold content of type '{kind.PulpType}'.");
        }
    }
}
