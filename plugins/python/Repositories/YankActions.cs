using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using PulpPython.Names;
using PulpPython.Packages;

namespace PulpPython.Repositories;

/// <summary>A release to yank.</summary>
public sealed record YankRelease
{
    /// <summary>The project.</summary>
    [Field("The name of the project.")]
    public required string Name { get; init; }

    /// <summary>The release.</summary>
    [Field("The version of the release.")]
    public required string Version { get; init; }

    /// <summary>Why.</summary>
    [Field("Why it is yanked; installers show it.", AllowBlank = true, MaxLength = 1024)]
    public string Reason { get; init; } = "";
}

/// <summary>A release that is yanked no more.</summary>
public sealed record UnyankRelease
{
    /// <summary>The project.</summary>
    [Field("The name of the project.")]
    public required string Name { get; init; }

    /// <summary>The release.</summary>
    [Field("The version of the release.")]
    public required string Version { get; init; }
}

/// <summary>Arguments of <see cref="YankTask"/>; without a reason the release isn't yanked any more.</summary>
internal sealed record YankArgs(Guid Repository, string Name, string Version, string? Reason);

/// <summary>Yanks releases, and takes that back (PEP 592). Each makes a version of the repository.</summary>
internal static class YankActions
{
    /// <exception cref="ValidationException">The repository has no such release.</exception>
    public static Task<ActionAnswer> YankAsync(
        ActionRequest<PythonRepository, YankRelease> request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            request,
            new YankArgs(request.Resource.PulpId, request.Body.Name, request.Body.Version, request.Body.Reason),
            cancellationToken
        );

    /// <exception cref="ValidationException">The repository has no such release.</exception>
    public static Task<ActionAnswer> UnyankAsync(
        ActionRequest<PythonRepository, UnyankRelease> request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            request,
            new YankArgs(request.Resource.PulpId, request.Body.Name, request.Body.Version, Reason: null),
            cancellationToken
        );

    private static async Task<ActionAnswer> SendAsync<TBody>(
        ActionRequest<PythonRepository, TBody> request,
        YankArgs args,
        CancellationToken cancellationToken
    )
    {
        var (name, key) = (ProjectName.Normalize(args.Name), VersionKey.Of(args.Version));
        if (key.Length == 0)
        {
            throw new ValidationException("version", "This is not a version.");
        }

        var there = await request.Db.FirstOrDefaultAsync<long>(
            $"""
            select 1 from python_pythonpackagecontent d cross join core_repositorycontent rc
             where rc.content_id = d.pulp_id and d.name_normalized = {name} and d.version_key = {key}
               and rc.repository_id = {request.Resource.PulpId} and rc.version_removed is null limit 1
            """,
            cancellationToken
        );
        if (there == 0)
        {
            throw new ValidationException("version", "The repository has no such release.");
        }

        var names = request.Services.GetRequiredService<IResourceNames>();
        return ActionAnswer.Started(
            await request.Tasks.SendAsync<YankTask, YankArgs>(
                args,
                new DispatchOptions().Exclusive(names, request.Resource),
                cancellationToken
            )
        );
    }
}

/// <summary>Makes the version in which a release is yanked, or is no more.</summary>
[PulpTask("pulp_python.app.tasks.yank.yank")]
internal sealed class YankTask(IRepositoryVersions versions) : PulpTask<YankArgs>
{
    public override async Task<object?> RunAsync(YankArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        var (name, key) = (ProjectName.Normalize(args.Name), VersionKey.Of(args.Version));
        await versions.ChangeAsync(
            args.Repository,
            (draft, token) =>
                args.Reason is { } reason
                    ? draft.AddAsync([new DeclaredContent(Yank(args, name, key, reason))], token)
                    : RemoveAsync(draft, $"d.name_normalized = {name} and d.version_key = {key}", token),
            cancellationToken
        );
        return null;
    }

    private static PackageYank Yank(YankArgs args, string name, string key, string reason) =>
        new()
        {
            Name = args.Name,
            Version = args.Version,
            Reason = reason,
            NameNormalized = name,
            VersionKey = key,
        };

    private static async Task RemoveAsync(IVersionDraft draft, SqlText where, CancellationToken cancellationToken)
    {
        var yanks = new List<Guid>();
        await foreach (var yank in draft.ContentAsync<PackageYank>(where, cancellationToken))
        {
            yanks.Add(yank.PulpId);
        }

        await draft.RemoveAsync(yanks, cancellationToken);
    }
}
