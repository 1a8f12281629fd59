using System.Text.Json;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Uploads;

namespace Pulp.Core.Contents;

/// <summary>Reads a request that makes a unit of a file, with all that is wrong with it at once.</summary>
internal sealed class ContentUploadReader(
    Database database,
    ResourceStore store,
    FieldBinder binder,
    References references,
    ArtifactStore artifacts,
    ContentCreation creation,
    RepositoryTypes types,
    PulpSettings settings
)
{
    /// <summary>Members that are no fields of the unit.</summary>
    private static readonly string[] OtherMembers =
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

    /// <summary>Keeps the request's own file, where it has one, as an artifact.</summary>
    /// <param name="body">The request.</param>
    /// <param name="kind">What it makes.</param>
    /// <param name="declaration">How.</param>
    /// <param name="reach">What it may refer to.</param>
    /// <param name="sync">It is answered with the unit, without a task, which no repository gets then.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ValidationException">It can't be done.</exception>
    public async Task<CreateContentArgs> ReadAsync(
        RequestBody body,
        ResourceKind kind,
        ContentDeclaration declaration,
        Reach reach,
        bool sync,
        CancellationToken cancellationToken
    )
    {
        var errors = new ValidationErrors();
        var values = await ReadFieldsAsync(body, kind, declaration, reach, errors, cancellationToken);
        var expected = UploadRules.ReadExpectation(body, settings, errors);
        var repository = sync
            ? null
            : await ReferenceAsync<Repository>(body, "repository", reach, errors, cancellationToken);
        var artifact = await ReferenceAsync<Artifact>(body, "artifact", reach, errors, cancellationToken);
        var upload = await ReferenceAsync<Upload>(body, "upload", reach, errors, cancellationToken);
        var overwrite = RequestFields.Boolean(body, "overwrite", otherwise: true, errors);
        var url = RequestFields.Text(body, "file_url", errors);
        var file = body.File("file") as TemporaryFile;
        RefuseOtherThanOne([file is not null, artifact is not null, upload is not null, url is not null], errors);
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

        if (!overwrite && repository is { } target)
        {
            var unit = values.ToRecord<Content>(kind);
            await EnsureFreeAsync(target, kind, declaration, unit, artifact, reach, cancellationToken);
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

    /// <summary>The unit's fields; what its kind takes beside them is only checked.</summary>
    private async Task<FieldValues> ReadFieldsAsync(
        RequestBody body,
        ResourceKind kind,
        ContentDeclaration declaration,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var beside = (declaration.Input?.Fields ?? []).Where(f => f.Writable).Select(f => f.Name);
        var values = await binder.BindAsync(
            kind,
            body,
            BindMode.Create,
            [.. OtherMembers, .. beside],
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
        return values;
    }

    private Task<Guid?> ReferenceAsync<T>(
        RequestBody body,
        string name,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    ) => RequestFields.ReferenceAsync(body, name, typeof(T), references, reach, errors, cancellationToken);

    private static void RefuseOtherThanOne(IEnumerable<bool> given, ValidationErrors errors)
    {
        if (given.Count(one => one) != 1 && !errors.Has("artifact") && !errors.Has("upload") && !errors.Has("file_url"))
        {
            errors.Add("Exactly one of 'artifact', 'file', 'upload' or 'file_url' must be specified.");
        }
    }

    /// <summary>Refuses what would replace a unit of the repository, as far as the request tells: what a file has to be read for is left to the task.</summary>
    private async Task EnsureFreeAsync(
        Guid repository,
        ResourceKind kind,
        ContentDeclaration declaration,
        Content unit,
        Guid? artifact,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        if (declaration.Complete is not { } complete)
        {
            return;
        }

        if (artifact is { } id && await store.FindAsync<Artifact>(database, reach, id, cancellationToken) is { } stored)
        {
            unit = complete(unit, stored);
        }

        await OverwriteRule.EnsureFreeAsync(database, kind, repository, unit, cancellationToken);
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
