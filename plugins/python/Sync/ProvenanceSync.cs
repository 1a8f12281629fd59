using System.Text.Json;
using System.Threading.Channels;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Metadata;
using PulpPython.Packages;

namespace PulpPython.Sync;

/// <summary>Fetches who vouches for a package (PEP 740), once that is stored.</summary>
internal sealed class ProvenanceSync(SyncRun run, string project, ChannelWriter<DeclaredContent> units)
{
    private static readonly int[] MayBeMissing = [404, 410];

    /// <summary>A provenance that can't be had is told; the package stays without it.</summary>
    public async Task DeclareAsync(IndexFile file, DeclaredContent package, CancellationToken cancellationToken)
    {
        if (file.ProvenanceUrl is not { } url)
        {
            return;
        }

        try
        {
            if (await ReadAsync(url, file, package, cancellationToken) is { } provenance)
            {
                await units.WriteAsync(new DeclaredContent(provenance), cancellationToken);
            }
        }
        catch (Exception error)
            when (error is UpstreamException or ValidationException or FileTooLargeException or JsonException)
        {
            run.WithoutProvenance(project, file.Filename, error.Message);
        }
    }

    private async Task<PackageProvenance?> ReadAsync(
        string url,
        IndexFile file,
        DeclaredContent package,
        CancellationToken cancellationToken
    )
    {
        var request = new UpstreamRequest(url)
        {
            Accept = ["application/vnd.pypi.integrity.v1+json", "application/json;q=0.5"],
            Answers = MayBeMissing,
            Expected = new FileExpectation { MaxSize = Provenances.MaxBytes },
        };
        await using var answer = await run.Sync.FetchAsync(request, cancellationToken);
        if (!answer.IsSuccess)
        {
            return null;
        }

        await using var stream = answer.Body.Open();
        using var document = (
            await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken)
        ).WithReadableTexts();
        var name = new PackageName { Filename = file.Filename, Sha256 = file.Sha256 ?? "" };
        Provenances.CheckProvenance("provenance", document.RootElement, name, verify: false);
        return await SavedAsync(package, cancellationToken) is { } id ? Provenances.Of(document.RootElement, id) : null;
    }

    /// <summary>The stored package; null where it was left out, which was told already.</summary>
    private static async Task<Guid?> SavedAsync(DeclaredContent package, CancellationToken cancellationToken)
    {
        try
        {
            return await package.SavedAsync().WaitAsync(cancellationToken);
        }
        catch (PulpException)
        {
            return null;
        }
    }
}
