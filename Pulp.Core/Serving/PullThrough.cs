using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Repositories;
using Pulp.Core.Sync;
using Pulp.Core.Units;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Serving;

/// <summary>Fetches units that a plugin has found upstream, when somebody asks for them, and stores what came.</summary>
internal sealed partial class PullThrough(
    SharedDownloads downloads,
    SharedDownloaders downloaders,
    RefusedSources refused,
    Database database,
    ArtifactStore artifacts,
    ContentSaver saver,
    ArtifactFiles files,
    VersionChanges versions,
    ILogger<PullThrough> logger
)
{
    /// <summary>The unit's file where it is stored already, whoever brought it; the unit is stored with it.</summary>
    public async Task<Artifact?> FindStoredAsync(
        Guid domain,
        ContentAnswer.Upstream wanted,
        CancellationToken cancellationToken
    )
    {
        if (FileOf(wanted).Sha256 is not { } given)
        {
            return null;
        }

        var sha256 = given.ToLowerInvariant();
        var known = await artifacts.FindAndTouchAsync(domain, [sha256], cancellationToken);
        if (known.GetValueOrDefault(sha256) is not { } found)
        {
            return null;
        }

        try
        {
            await using var unit = await CompletedAsync(wanted, new StoredFileView(files, found), cancellationToken);
            return await StoreAsync(
                domain,
                wanted,
                unit.Declared,
                async (session, token) =>
                    (await artifacts.FindAndTouchAsync(domain, session, [sha256], token)).GetValueOrDefault(sha256),
                cancellationToken
            );
        }
        catch (Exception error) when (error is ValidationException or ConflictException)
        {
            // It isn't stored as this unit; the client gets it nevertheless, as one that comes from upstream does.
            LogNotKept(UpstreamAddress.Shown(FileOf(wanted).Url), error.Message);
            return found;
        }
    }

    /// <summary>The download of the unit's file, joined: the caller leaves it when it has read.</summary>
    /// <param name="domain">Whose unit it is.</param>
    /// <param name="wanted">The unit.</param>
    /// <param name="isLost">The file that is stored here is gone or damaged.</param>
    public SharedDownload Join(Guid domain, ContentAnswer.Upstream wanted, bool isLost) =>
        downloads.Join(
            new DownloadKey(wanted.Remote.PulpId, FileOf(wanted).Url, wanted.AddTo, FileOf(wanted).Sha256, isLost),
            download => FetchAsync(domain, wanted, isLost, download)
        );

    private static DeclaredArtifact FileOf(ContentAnswer.Upstream wanted) => wanted.Declared.Artifacts[0];

    private async Task FetchAsync(Guid domain, ContentAnswer.Upstream wanted, bool isLost, SharedDownload download)
    {
        // Another download may have ended between the client's look and its joining.
        if (!isLost && await FindStoredAsync(domain, wanted, CancellationToken.None) is { } stored)
        {
            download.CompleteAsStored(stored);
            return;
        }

        var (remote, file) = (wanted.Remote, FileOf(wanted));
        if (refused.Find(remote.PulpId, file.Url) is { } earlier)
        {
            throw new NoSourceException([earlier]);
        }

        try
        {
            using var loan = downloaders.Take(remote);
            await loan.Downloader.DownloadAsync(file.Url, Expectation.Of(file), download, CancellationToken.None);
        }
        catch (Exception error) when (error is UpstreamException or DigestException)
        {
            var failure = SourceFailure.Of(error);
            if (failure.Status == 404)
            {
                refused.Remember(remote.PulpId, file.Url, failure);
            }

            throw new NoSourceException([failure]);
        }

        download.Complete(await KeepAsync(domain, wanted, download.File));
    }

    /// <summary>Stores the unit with its file. The clients have their bytes whether or not it can be stored.</summary>
    private async Task<Artifact?> KeepAsync(Guid domain, ContentAnswer.Upstream wanted, TemporaryFile fetched)
    {
        if (wanted.Remote.Policy == DownloadPolicies.Streamed)
        {
            return null;
        }

        try
        {
            await using var unit = await CompletedAsync(
                wanted,
                new StagedTemporaryFile(fetched),
                CancellationToken.None
            );
            return await StoreAsync(
                domain,
                wanted,
                unit.Declared,
                async (session, token) =>
                    (await artifacts.SaveAsync(domain, session, [fetched], token))[fetched.Digests.Sha256],
                CancellationToken.None
            );
        }
        catch (Exception error)
        {
            LogNotKept(UpstreamAddress.Shown(FileOf(wanted).Url), error.Message);
            return null;
        }
    }

    /// <summary>The unit with what its plugin reads from the file.</summary>
    private static async Task<CompletedUnit> CompletedAsync(
        ContentAnswer.Upstream wanted,
        StagedFile file,
        CancellationToken cancellationToken
    ) =>
        new(
            wanted.Complete is { } complete ? await complete(file, cancellationToken) : wanted.Declared,
            IsMade: wanted.Complete is not null
        );

    /// <summary>
    /// Stores the unit with its file and adds it where that is wanted, in one transaction: no clean-up finds it before a version
    /// holds it. Null when there is no file after all.
    /// </summary>
    private async Task<Artifact?> StoreAsync(
        Guid domain,
        ContentAnswer.Upstream wanted,
        DeclaredContent declared,
        Func<SqlSession, CancellationToken, Task<Artifact?>> take,
        CancellationToken cancellationToken
    )
    {
        if (wanted.AddTo is not { } repository)
        {
            await using var held = await artifacts.HoldAsync(cancellationToken);
            var taken = declared.Artifacts[0].Artifact = await take(database, cancellationToken);
            if (taken is not null)
            {
                await saver.KeepStagedAsync(domain, database, [declared], cancellationToken);
                await saver.SaveAsync(domain, [new SyncItem(declared)], wanted.Remote, cancellationToken);
            }

            return taken;
        }

        Artifact? stored = null;
        await versions.ChangeAsync(
            TaskOrigin.Server,
            repository,
            async (draft, token) =>
            {
                stored = declared.Artifacts[0].Artifact = await take(draft.Session, token);
                if (stored is not null)
                {
                    draft.Keep(stored);
                    await draft.AddAsync([declared], wanted.Remote, token);
                }
            },
            cancellationToken
        );
        return stored;
    }

    /// <summary>A unit whose staged files go again, unless they were kept with it.</summary>
    private sealed record CompletedUnit(DeclaredContent Declared, bool IsMade) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var file in IsMade ? Declared.Artifacts.Select(a => a.Staged).OfType<StagedFile>() : [])
            {
                await file.DisposeAsync();
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "What came from {Url} was sent to clients, but its unit is not stored: {Reason}"
    )]
    private partial void LogNotKept(string url, string reason);
}
