using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Answers manifests by tag and digest (OCI distribution specification, "Pulling manifests"), from memory.</summary>
internal sealed class ManifestReads(IAnswers answers, IDb db)
{
    /// <summary>What a remembered answer takes beside its body.</summary>
    private const long Overhead = 1024;

    public async Task AnswerAsync(HttpContext context, ServedPath<ContainerDistribution> found, string reference)
    {
        var aborted = context.RequestAborted;
        if (!Digest.TryParse(reference, out _) && !ImageName.IsTag(reference))
        {
            throw RegistryError.ManifestUnknown();
        }

        var manifest = await RememberedAsync(found.Served, reference, aborted) ?? throw RegistryError.ManifestUnknown();
        if (!AcceptedTypes.Takes(context.Request.Headers.Accept, manifest.MediaType))
        {
            manifest =
                await ForOlderClientAsync(context, found.Served, manifest, aborted)
                ?? throw new RegistryError(
                    "MANIFEST_UNKNOWN",
                    $"The manifest is {manifest.MediaType}, which the request's Accept header doesn't name.",
                    404
                );
        }

        await answers.SendAsync(context, found.Served, manifest.Answer, aborted);
    }

    /// <summary>The digest of what a tag or digest names; null where the repository has nothing of that name.</summary>
    public async ValueTask<string?> DigestOfAsync(
        IServedDistribution served,
        string reference,
        CancellationToken cancellationToken
    ) => (await RememberedAsync(served, reference, cancellationToken))?.Digest;

    private ValueTask<ServedManifest?> RememberedAsync(
        IServedDistribution served,
        string reference,
        CancellationToken cancellationToken
    ) =>
        served.RememberAsync(
            "manifest " + reference,
            async token =>
            {
                var manifest = await FindAsync(served, reference, token);
                return (manifest, (manifest?.Answer.Body.Length ?? 0) + Overhead);
            },
            cancellationToken
        );

    /// <summary>A client that knows no lists gets the image for the machines that all had when there were none.</summary>
    private async Task<ServedManifest?> ForOlderClientAsync(
        HttpContext context,
        IServedDistribution served,
        ServedManifest index,
        CancellationToken cancellationToken
    )
    {
        if (!MediaTypes.IsIndex(index.MediaType))
        {
            return null;
        }

        var common = await served.RememberAsync(
            "common image of " + index.Digest,
            async token => (await CommonImageAsync(index, token), Overhead),
            cancellationToken
        );
        return
            common is not null
            && await RememberedAsync(served, common, cancellationToken) is { } image
            && AcceptedTypes.Takes(context.Request.Headers.Accept, image.MediaType)
            ? image
            : null;
    }

    private Task<string?> CommonImageAsync(ServedManifest index, CancellationToken cancellationToken) =>
        db.FirstOrDefaultAsync<string>(
            $"""
            select m.digest from container_manifest_manifests l join container_manifest m on m.pulp_id = l.referred_id
             where l.content_id = {index.Id} and m.architecture = 'amd64' and m.os = 'linux' order by m.digest limit 1
            """,
            cancellationToken
        );

    private async Task<ServedManifest?> FindAsync(
        IServedDistribution served,
        string reference,
        CancellationToken cancellationToken
    )
    {
        if (served.Version is not { } version)
        {
            return null;
        }

        var row = Digest.TryParse(reference, out var digest)
            ? await db.FirstOrDefaultAsync<Row>(
                $"""
                select m.pulp_id, m.digest, m.media_type, b.body from container_manifest m
                  join core_repositorycontent rc on rc.content_id = m.pulp_id
                  join container_manifestbody b on b.pulp_id = m.pulp_id
                 where m.digest = {digest.ToString()} and {InVersion.Holds(version)}
                """,
                cancellationToken
            )
            : await db.FirstOrDefaultAsync<Row>(
                $"""
                select m.pulp_id, m.digest, m.media_type, b.body from container_tag t
                  join core_repositorycontent rc on rc.content_id = t.pulp_id
                  join container_manifest m on m.pulp_id = t.tagged_manifest_id
                  join container_manifestbody b on b.pulp_id = m.pulp_id
                 where t.name = {reference} and {InVersion.Holds(version)}
                """,
                cancellationToken
            );
        return row is null ? null : new ServedManifest(row.PulpId, row.Digest, row.MediaType, AnswerOf(row));
    }

    private static ContentAnswer.Bytes AnswerOf(Row row) =>
        new(row.Body, row.MediaType)
        {
            ETag = row.Digest,
            VariesBy = ["Accept"],
            Headers = RegistryHeaders.With(("Docker-Content-Digest", row.Digest)),
        };

    private sealed record ServedManifest(Guid Id, string Digest, string MediaType, ContentAnswer.Bytes Answer);

    private sealed record Row
    {
        public Guid PulpId { get; init; }

        public string Digest { get; init; } = "";

        public string MediaType { get; init; } = "";

        public byte[] Body { get; init; } = [];
    }
}
