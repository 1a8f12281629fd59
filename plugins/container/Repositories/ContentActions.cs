using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Repositories;

/// <summary>What can be done with a repository's content: each is checked at once and done by a task.</summary>
internal static class ContentActions
{
    public static async Task<ActionAnswer> TagAsync<T>(
        ActionRequest<T, TagImage> request,
        CancellationToken cancellationToken
    )
        where T : Repository
    {
        CheckTag(request.Body.Tag);
        var manifest = await ManifestAsync(request, request.Body.Digest, cancellationToken);
        return await SendAsync<T, TagImage, TagTask, TagArgs>(
            request,
            new TagArgs(request.Resource.PulpId, manifest, request.Body.Tag),
            cancellationToken
        );
    }

    public static async Task<ActionAnswer> UntagAsync<T>(
        ActionRequest<T, UnTagImage> request,
        CancellationToken cancellationToken
    )
        where T : Repository
    {
        var tag = request.Body.Tag;
        CheckTag(tag);
        var tags = await IdsAsync<T, UnTagImage, Tag>(request, $"d.name = {tag}", cancellationToken);
        return tags.Count == 0
            ? throw new ValidationException("tag", $"The tag '{tag}' is not in the latest version of the repository.")
            : await SendAsync<T, UnTagImage, UntagTask, ContentArgs>(
                request,
                new ContentArgs(request.Resource.PulpId, tags),
                cancellationToken
            );
    }

    public static async Task<ActionAnswer> RemoveImageAsync<T>(
        ActionRequest<T, RemoveImage> request,
        CancellationToken cancellationToken
    )
        where T : Repository
    {
        var manifest = await ManifestAsync(request, request.Body.Digest, cancellationToken);
        var tags = await IdsAsync<T, RemoveImage, Tag>(
            request,
            $"d.tagged_manifest_id = {manifest}",
            cancellationToken
        );
        var signatures = await IdsAsync<T, RemoveImage, ManifestSignature>(
            request,
            $"d.signed_manifest_id = {manifest}",
            cancellationToken
        );
        return await SendAsync<T, RemoveImage, RecursiveRemoveTask, ContentArgs>(
            request,
            new ContentArgs(request.Resource.PulpId, [manifest, .. tags, .. signatures]),
            cancellationToken
        );
    }

    public static Task<ActionAnswer> AddAsync(
        ActionRequest<ContainerRepository, RecursiveManage> request,
        CancellationToken cancellationToken
    ) =>
        SendAsync<ContainerRepository, RecursiveManage, RecursiveAddTask, ContentArgs>(
            request,
            new ContentArgs(request.Resource.PulpId, request.Body.ContentUnits),
            cancellationToken
        );

    public static Task<ActionAnswer> RemoveAsync(
        ActionRequest<ContainerRepository, RecursiveManage> request,
        CancellationToken cancellationToken
    ) =>
        SendAsync<ContainerRepository, RecursiveManage, RecursiveRemoveTask, ContentArgs>(
            request,
            new ContentArgs(request.Resource.PulpId, request.Body.ContentUnits),
            cancellationToken
        );

    public static async Task<ActionAnswer> CopyTagsAsync(
        ActionRequest<ContainerRepository, TagCopy> request,
        CancellationToken cancellationToken
    )
    {
        var source = await CopySource.FindAsync(
            request,
            request.Body.SourceRepository,
            request.Body.SourceRepositoryVersion,
            cancellationToken
        );
        var names = Texts(request.Body.Names);
        var units = await IdsAsync<Tag>(
            request.Services,
            source,
            names.Count == 0 ? null : (SqlText)$"d.name in {names}",
            cancellationToken
        );
        var companions = await Companions.OfTagsAsync(request.Db, source, units, cancellationToken);
        return await SendAsync<ContainerRepository, TagCopy, RecursiveAddTask, ContentArgs>(
            request,
            new ContentArgs(request.Resource.PulpId, [.. units, .. companions]),
            cancellationToken
        );
    }

    public static async Task<ActionAnswer> CopyManifestsAsync(
        ActionRequest<ContainerRepository, ManifestCopy> request,
        CancellationToken cancellationToken
    )
    {
        var source = await CopySource.FindAsync(
            request,
            request.Body.SourceRepository,
            request.Body.SourceRepositoryVersion,
            cancellationToken
        );
        var (digests, types) = (Texts(request.Body.Digests), Texts(request.Body.MediaTypes));
        if (types.FirstOrDefault(t => !MediaTypes.Manifests.Contains(t)) is { } wrong)
        {
            throw new ValidationException("media_types", $"\"{wrong}\" is not a valid choice.");
        }

        var units = await IdsAsync<Manifest>(
            request.Services,
            source,
            Sql.All([
                .. digests.Count == 0 ? [] : new SqlText[] { $"d.digest in {digests}" },
                .. types.Count == 0 ? [] : new SqlText[] { $"d.media_type in {types}" },
            ]),
            cancellationToken
        );
        return await SendAsync<ContainerRepository, ManifestCopy, RecursiveAddTask, ContentArgs>(
            request,
            new ContentArgs(request.Resource.PulpId, units),
            cancellationToken
        );
    }

    private static void CheckTag(string tag)
    {
        if (!ImageName.IsTag(tag))
        {
            throw new ValidationException("tag", "This is not a tag.");
        }
    }

    private static async Task<Guid> ManifestAsync<T, TBody>(
        ActionRequest<T, TBody> request,
        string digest,
        CancellationToken cancellationToken
    )
        where T : Repository =>
        await IdsAsync<T, TBody, Manifest>(request, $"d.digest = {digest}", cancellationToken) is [var found, ..]
            ? found
            : throw new ValidationException(
                "digest",
                $"A manifest with the digest '{digest}' is not in the latest version of the repository."
            );

    private static async Task<IReadOnlyList<Guid>> IdsAsync<T, TBody, TContent>(
        ActionRequest<T, TBody> request,
        SqlText where,
        CancellationToken cancellationToken
    )
        where T : Repository
        where TContent : Content
    {
        var versions = request.Services.GetRequiredService<IRepositoryVersions>();
        return await versions.LatestAsync(request.Resource.PulpId, cancellationToken) is { } latest
            ? await IdsAsync<TContent>(request.Services, latest, where, cancellationToken)
            : [];
    }

    private static async Task<IReadOnlyList<Guid>> IdsAsync<TContent>(
        IServiceProvider services,
        RepositoryVersionRef version,
        SqlText? where,
        CancellationToken cancellationToken
    )
        where TContent : Content =>
        await services
            .GetRequiredService<IRepositoryVersions>()
            .ContentAsync<TContent>(version, where, cancellationToken)
            .Select(unit => unit.PulpId)
            .ToListAsync(cancellationToken);

    private static List<string> Texts(string json) =>
        json.Length == 0 ? [] : JsonSerializer.Deserialize<List<string>>(json) ?? [];

    private static async Task<ActionAnswer> SendAsync<T, TBody, TTask, TArgs>(
        ActionRequest<T, TBody> request,
        TArgs args,
        CancellationToken cancellationToken
    )
        where T : Repository
        where TTask : PulpTask<TArgs> =>
        ActionAnswer.Started(
            await request.Tasks.SendAsync<TTask, TArgs>(
                args,
                new DispatchOptions().Exclusive(
                    request.Services.GetRequiredService<IResourceNames>(),
                    request.Resource
                ),
                cancellationToken
            )
        );
}
