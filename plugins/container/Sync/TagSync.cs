using System.Collections.Concurrent;
using System.Threading.Channels;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Remotes;
using PulpContainer.Repositories;
using PulpContainer.Upstreams;

namespace PulpContainer.Sync;

/// <summary>
/// Decides which tags and digests a sync takes, and takes them with what belongs to them: signatures, attestations and the like, whether
/// they have tags or are found as referrers.
/// </summary>
internal sealed class TagSync(
    SyncContext<ContainerRepository, ContainerRemote> sync,
    ContainerRepositorySyncURL options,
    UpstreamRepository upstream,
    ManifestSync manifests,
    SignatureSync signatures,
    ChannelWriter<DeclaredContent> units
)
{
    private readonly NamePatterns _wanted = new(
        NamePatterns.ListOf(sync.Remote.Includes, sync.Remote.IncludeTags),
        NamePatterns.ListOf(sync.Remote.Excludes, sync.Remote.ExcludeTags)
    );
    private readonly ConcurrentDictionary<string, bool> _tags = new(StringComparer.Ordinal);
    private readonly UpstreamReferrers _referrers = new(upstream);

    private int Concurrency => (int)Math.Clamp(sync.Remote.DownloadConcurrency ?? 10, 1, 100);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var listed = await ListAsync(cancellationToken);
        string[] references = [.. References(listed)];
        await using (var progress = sync.Task.Progress("Processing Tags", "sync.processing.tag", references.Length))
        {
            await TakeAsync(references, listed, progress, cancellationToken);
            progress.Complete();
        }

        if (references.Length > 0 && !options.SignedOnly && !manifests.Any)
        {
            throw new UpstreamException($"{upstream.Shown} has none of the images that the remote asks for.");
        }

        await TakeReferrersAsync(cancellationToken);
        await TakeCompanionsAsync(listed, cancellationToken);
    }

    private async Task<IReadOnlySet<string>> ListAsync(CancellationToken cancellationToken)
    {
        await using var progress = sync.Task.Progress("Downloading tag list", "sync.downloading.tag_list", total: 1);
        IReadOnlyList<string>? tags;
        try
        {
            tags = await upstream.TagsAsync(cancellationToken);
        }
        catch (UpstreamException error) when (!_wanted.NeedsList && error.UpstreamStatus is 401 or 403 or 405)
        {
            // Who names all that is wanted may be somebody to whom the registry doesn't list the rest.
            tags = null;
        }

        progress.Increment();
        progress.Complete();
        return tags is null && _wanted.NeedsList
            ? throw new UpstreamException($"The repository {upstream.Shown} isn't known to its registry.")
            {
                UpstreamStatus = 404,
            }
            : (tags ?? []).ToHashSet(StringComparer.Ordinal);
    }

    private IEnumerable<string> References(IReadOnlySet<string> listed) =>
        listed
            .Concat(_wanted.Named.Where(n => ImageName.IsTag(n) || Digest.TryParse(n, out _)))
            .Distinct(StringComparer.Ordinal)
            .Where(_wanted.Takes)
            // Of signed images the signatures come with them.
            .Where(reference => !options.SignedOnly || CompanionTags.PrefixIn(reference) is null);

    private Task TakeAsync(
        IEnumerable<string> references,
        IReadOnlySet<string> listed,
        IProgressReport? progress,
        CancellationToken cancellationToken
    ) =>
        Parallel.ForEachAsync(
            references,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (reference, token) =>
            {
                await TakeAsync(reference, listed, token);
                progress?.Increment();
            }
        );

    private async Task TakeAsync(string reference, IReadOnlySet<string> listed, CancellationToken cancellationToken)
    {
        _tags[reference] = true;
        var isDigest = Digest.TryParse(reference, out var digest);
        var found = isDigest
            ? new UpstreamManifest(digest, "", Body: null)
            : await upstream.FindAsync(reference, cancellationToken);
        if (found is null)
        {
            sync.Task.Warn("container.tag_missing", $"{upstream.Shown} has no tag {reference}.");
            return;
        }

        if (_wanted.Excludes(found.Digest.ToString()))
        {
            return;
        }

        if (
            options.SignedOnly
            && !await _referrers.AreSignedAsync(found.Digest, listed, cancellationToken)
            && !await signatures.AnyAsync(found.Digest, cancellationToken)
        )
        {
            sync.Task.Warn("container.not_signed", $"{reference} is left out: it has no signature.");
            return;
        }

        if (await manifests.TakeAsync(found, cancellationToken) is { } manifest && !isDigest)
        {
            await units.WriteAsync(
                new DeclaredContent(new Tag { Name = reference, TaggedManifest = manifest.PulpId }),
                cancellationToken
            );
        }
    }

    /// <summary>What refers to the manifests that were taken, and what refers to that.</summary>
    private async Task TakeReferrersAsync(CancellationToken cancellationToken)
    {
        while (manifests.DrainTaken() is { Count: > 0 } taken && _referrers.AreKnown)
        {
            await Parallel.ForEachAsync(
                taken,
                new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
                async (digest, token) =>
                {
                    foreach (var referrer in await _referrers.OfAsync(digest, token))
                    {
                        if (!_wanted.Excludes(referrer.Digest.ToString()))
                        {
                            await manifests.TakeAsync(new UpstreamManifest(referrer.Digest, "", Body: null), token);
                        }
                    }
                }
            );
        }
    }

    /// <summary>Tags that belong to manifests which were taken, whatever the includes say; only excludes leave them out.</summary>
    private async Task TakeCompanionsAsync(IReadOnlySet<string> listed, CancellationToken cancellationToken)
    {
        while (true)
        {
            string[] more =
            [
                .. listed.Where(tag =>
                    CompanionTags.PrefixIn(tag) is { } prefix
                    && !_tags.ContainsKey(tag)
                    && manifests.HasTaken(prefix)
                    && !_wanted.Excludes(tag)
                ),
            ];
            if (more.Length == 0)
            {
                return;
            }

            foreach (var chunk in more.Chunk(100))
            {
                await Parallel.ForEachAsync(
                    chunk,
                    new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
                    async (tag, token) => await TakeCompanionAsync(tag, token)
                );
            }

            await TakeReferrersAsync(cancellationToken);
        }
    }

    private async Task TakeCompanionAsync(string tag, CancellationToken cancellationToken)
    {
        _tags[tag] = true;
        if (
            await upstream.FindAsync(tag, cancellationToken) is { } found
            && await manifests.TakeAsync(found, cancellationToken) is { } manifest
        )
        {
            await units.WriteAsync(
                new DeclaredContent(new Tag { Name = tag, TaggedManifest = manifest.PulpId }),
                cancellationToken
            );
        }
    }
}
