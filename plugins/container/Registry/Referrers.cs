using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.PullThrough;
using PulpContainer.Upstreams;

namespace PulpContainer.Registry;

/// <summary>
/// Lists what refers to a manifest (OCI distribution specification, "Listing Referrers"). What was pushed under a fallback tag is in
/// the repository too, so that there is nothing to merge.
/// </summary>
internal sealed class Referrers(IAnswers answers, IDb db)
{
    /// <summary>As large as a manifest may be, with room for the rest of the answer.</summary>
    private const int MostBytes = ManifestBodies.MostBytes - 4096;

    public async Task AnswerAsync(HttpContext context, ServedPath<ContainerDistribution> found, string reference)
    {
        var digest = Parse(reference);
        var all = await AllAsync(found.Served, digest.ToString(), context.RequestAborted);
        if (found.Distribution.PullThrough is not null)
        {
            var cached = context.RequestServices.GetRequiredService<CachedLists>();
            all = With(all, await cached.ReferrersAsync(context, found, reference));
        }

        var wanted = context.Request.Query["artifactType"].FirstOrDefault();
        var last = context.Request.Query["last"].FirstOrDefault() ?? "";
        var headers = new List<(string, string)>();
        if (!string.IsNullOrEmpty(wanted))
        {
            headers.Add(("OCI-Filters-Applied", "artifactType"));
        }

        var rest = all.Where(r => string.IsNullOrEmpty(wanted) || r.ArtifactType == wanted)
            .Where(r => string.CompareOrdinal(r.Digest, last) > 0)
            .ToList();
        var page = Fitting(rest);
        if (page.Count < rest.Count)
        {
            var filter = string.IsNullOrEmpty(wanted) ? "" : $"&artifactType={Uri.EscapeDataString(wanted)}";
            headers.Add(("Link", $"<{context.Request.Path}?last={page[^1].Digest}{filter}>; rel=\"next\""));
        }

        await answers.SendAsync(
            context,
            found.Served,
            new ContentAnswer.Bytes(Body(page), MediaTypes.OciIndex) { Headers = RegistryHeaders.With([.. headers]) },
            context.RequestAborted
        );
    }

    /// <summary>With what upstream has and nobody has pulled yet.</summary>
    private static IReadOnlyList<Referrer> With(
        IReadOnlyList<Referrer> here,
        IReadOnlyList<UpstreamReferrer> upstream
    ) =>
        [
            .. here.Concat(
                    upstream.Select(r => new Referrer(
                        r.Digest.ToString(),
                        r.ArtifactType,
                        Encoding.UTF8.GetBytes(r.Descriptor)
                    ))
                )
                .DistinctBy(r => r.Digest)
                .OrderBy(r => r.Digest, StringComparer.Ordinal),
        ];

    /// <summary>Of a repository that isn't there.</summary>
    public static async Task AnswerNoneAsync(HttpContext context, string reference)
    {
        Parse(reference);
        var body = Body([]);
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.ContentType = MediaTypes.OciIndex;
        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static Digest Parse(string reference) =>
        Digest.TryParse(reference, out var digest)
            ? digest
            : throw RegistryError.DigestInvalid("This is not a digest, such as sha256: and 64 hex digits.");

    private static byte[] Body(IEnumerable<Referrer> page) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciIndex,
                ["manifests"] = new JsonArray([.. page.Select(r => JsonNode.Parse(r.Descriptor))]),
            }
        );

    /// <summary>As many as fit into one answer, at least one.</summary>
    private static List<Referrer> Fitting(List<Referrer> all)
    {
        var bytes = 0;
        return [.. all.TakeWhile((r, i) => (bytes += r.Descriptor.Length + 1) <= MostBytes || i == 0)];
    }

    private ValueTask<IReadOnlyList<Referrer>> AllAsync(
        IServedDistribution served,
        string subject,
        CancellationToken cancellationToken
    ) =>
        served.RememberAsync(
            "referrers of " + subject,
            async token =>
            {
                if (served.Version is not { } version)
                {
                    return ((IReadOnlyList<Referrer>)[], 64L);
                }

                var rows = await db.QueryAsync<Row>(
                    $"""
                    select m.digest, m.media_type, m.size, m.artifact_type, m.annotations from container_manifest m
                      join core_repositorycontent rc on rc.content_id = m.pulp_id
                     where m.subject = {subject} and {InVersion.Holds(version)} order by m.digest
                    """,
                    token
                );
                IReadOnlyList<Referrer> referrers = [.. rows.Select(Describe)];
                return (referrers, referrers.Sum(r => 100L + r.Descriptor.Length));
            },
            cancellationToken
        );

    private static Referrer Describe(Row row)
    {
        var descriptor = new JsonObject
        {
            ["mediaType"] = row.MediaType,
            ["digest"] = row.Digest,
            ["size"] = row.Size,
        };
        if (!string.IsNullOrEmpty(row.ArtifactType))
        {
            descriptor["artifactType"] = row.ArtifactType;
        }

        if (JsonNode.Parse(row.Annotations) is JsonObject { Count: > 0 } annotations)
        {
            descriptor["annotations"] = annotations;
        }

        return new Referrer(row.Digest, row.ArtifactType, JsonSerializer.SerializeToUtf8Bytes(descriptor));
    }

    private sealed record Referrer(string Digest, string? ArtifactType, byte[] Descriptor);

    private sealed record Row
    {
        public string Digest { get; init; } = "";

        public string MediaType { get; init; } = "";

        public long Size { get; init; }

        public string? ArtifactType { get; init; }

        public string Annotations { get; init; } = "{}";
    }
}
