using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Metadata;

namespace PulpPython.Sync;

/// <summary>
/// Metadata that an index has beside its wheels without telling its digest: it is fetched with the page, as units of the same file are
/// to say the same whoever brought them.
/// </summary>
internal sealed class PromisedMetadata(SyncRun run)
{
    private IReadOnlyDictionary<string, string> _stored = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Finds what is stored of these files, which isn't fetched again.</summary>
    public async Task FindStoredAsync(IEnumerable<IndexFile> files, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var digests in files.Where(IsUnknown).Select(f => f.Sha256 ?? "").Chunk(1000))
        {
            var rows = await run.Sync.Task.Db.QueryAsync<Row>(
                $"""
                select sha256, metadata_sha256 from python_pythonpackagecontent
                 where sha256 in {digests} and metadata_sha256 is not null
                """,
                cancellationToken
            );
            foreach (var row in rows)
            {
                found[row.Sha256] = row.MetadataSha256;
            }
        }

        _stored = found;
    }

    /// <summary>The file with the digest of its metadata, and that where it was fetched; without either where there is none.</summary>
    public async Task<(IndexFile File, FetchedFile? Metadata)> CompleteAsync(
        IndexFile file,
        CancellationToken cancellationToken
    )
    {
        if (!IsUnknown(file))
        {
            return (file, null);
        }

        if (_stored.TryGetValue(file.Sha256 ?? "", out var known))
        {
            return (file with { MetadataSha256 = known }, null);
        }

        var request = new UpstreamRequest(PackageDeclarations.MetadataUrl(file.Url))
        {
            Answers = [404, 410],
            Expected = new FileExpectation { MaxSize = MetadataText.MaxBytes },
        };
        // Its file is a unit's from here on, and goes with the sync.
        var answer = await run.Sync.FetchAsync(request, cancellationToken);
        return answer.IsSuccess ? (file with { MetadataSha256 = answer.Body.Sha256 }, answer.Body) : (file, null);
    }

    private static bool IsUnknown(IndexFile file) =>
        file is { HasMetadata: true, MetadataSha256: null, Sha256: not null, Type: Names.PackageTypes.Wheel };

    private sealed record Row
    {
        public required string Sha256 { get; init; }

        public required string MetadataSha256 { get; init; }
    }
}
