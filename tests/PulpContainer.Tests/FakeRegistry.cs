using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace PulpContainer.Tests;

/// <summary>A registry upstream whose images and faults the test decides.</summary>
public sealed class FakeRegistry(FakeUpstream upstream)
{
    private readonly ConcurrentDictionary<string, List<string>> _tags = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonArray> _referrers = new(StringComparer.Ordinal);
    private int _tokens;

    public string Url => upstream.Url;

    /// <summary>Methods and paths, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Tags to a page.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Whether answers say the digest, as they should.</summary>
    public bool SaysDigest { get; set; } = true;

    /// <summary>Who may pull: <c>name:password</c>, who gets tokens; null for anybody.</summary>
    public string? Account { get; set; }

    /// <summary>Whether the account signs in by name and password.</summary>
    public bool IsBasic { get; set; }

    /// <summary>After as many uses a token isn't good any more.</summary>
    public int TokenUses { get; set; } = int.MaxValue;

    /// <summary>How many tokens it gave.</summary>
    public int Tokens => _tokens;

    private readonly ConcurrentDictionary<string, int> _uses = new(StringComparer.Ordinal);

    /// <summary>Headers of answers with manifests.</summary>
    public Dictionary<string, string> ManifestHeaders { get; } = [];

    public int Count(string request) => Requests.Count(r => r == request);

    /// <summary>Puts an image there under a tag, or by its digest alone.</summary>
    public FakeRegistry With(string name, string? tag, TestImage image)
    {
        foreach (var blob in image.Blobs)
        {
            Blob(name, blob);
        }

        return With(name, tag, image.Manifest, image.MediaType);
    }

    public FakeRegistry With(string name, string? tag, byte[] manifest, string mediaType)
    {
        var digest = TestImage.DigestOf(manifest);
        if (SubjectOf(manifest) is { } subject)
        {
            var list = _referrers.GetOrAdd(subject, _ => []);
            var descriptor = TestImage.Descriptor(manifest, mediaType);
            descriptor["artifactType"] = JsonNode.Parse(manifest)?["artifactType"]?.DeepClone();
            list.Add(descriptor);
            var path = $"v2/{name}/referrers/{subject}";
            Answer(path, "application/vnd.oci.image.index.v1+json", () => Index(list), headers: []);
        }

        Answer($"v2/{name}/manifests/{digest}", mediaType, () => manifest, ManifestHeaders, digest);
        if (tag is not null)
        {
            var tags = _tags.GetOrAdd(name, _ => []);
            tags.Remove(tag);
            tags.Add(tag);
            Answer($"v2/{name}/manifests/{tag}", mediaType, () => manifest, ManifestHeaders, digest);
            upstream.Faulty($"v2/{name}/tags/list", context => TagsAsync(context, name));
        }

        return this;
    }

    /// <summary>Knows the question for referrers of a manifest, and has none.</summary>
    public FakeRegistry WithoutReferrers(string name, string digest)
    {
        Answer(
            $"v2/{name}/referrers/{digest}",
            "application/vnd.oci.image.index.v1+json",
            () => Index([]),
            headers: []
        );
        return this;
    }

    public FakeRegistry Blob(string name, byte[] blob)
    {
        Answer($"v2/{name}/blobs/{TestImage.DigestOf(blob)}", "application/octet-stream", () => blob, headers: []);
        return this;
    }

    /// <summary>Takes a tag away; its manifest stays.</summary>
    public void Untag(string name, string tag)
    {
        _tags[name].Remove(tag);
        upstream.Mend($"v2/{name}/manifests/{tag}");
    }

    /// <summary>Answers a path in the test's own way.</summary>
    public void Faulty(string path, Func<HttpContext, Task> answer) => upstream.Faulty(path, answer);

    private static string? SubjectOf(byte[] manifest)
    {
        try
        {
            return (string?)JsonNode.Parse(manifest)?["subject"]?["digest"];
        }
        catch (System.Text.Json.JsonException)
        {
            return null; // A test's wrong manifest.
        }
    }

    private static byte[] Index(JsonArray manifests) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = "application/vnd.oci.image.index.v1+json",
                ["manifests"] = manifests.DeepClone(),
            }.ToJsonString()
        );

    private void Answer(
        string path,
        string mediaType,
        Func<byte[]> body,
        Dictionary<string, string> headers,
        string? digest = null
    ) =>
        upstream.Faulty(
            path,
            async context =>
            {
                if (!await AdmitAsync(context))
                {
                    return;
                }

                var bytes = body();
                context.Response.ContentType = mediaType;
                context.Response.ContentLength = bytes.Length;
                if (digest is not null && SaysDigest)
                {
                    context.Response.Headers["Docker-Content-Digest"] = digest;
                }

                foreach (var (name, value) in headers)
                {
                    context.Response.Headers[name] = value;
                }

                if (context.Request.Method != "HEAD")
                {
                    await context.Response.Body.WriteAsync(bytes);
                }
            }
        );

    private async Task TagsAsync(HttpContext context, string name)
    {
        if (!await AdmitAsync(context))
        {
            return;
        }

        var after = (string?)context.Request.Query["last"] ?? "";
        var tags = _tags[name].Order(StringComparer.Ordinal).Where(t => string.CompareOrdinal(t, after) > 0).ToList();
        var page = tags.Take(PageSize).ToList();
        if (page.Count < tags.Count)
        {
            context.Response.Headers.Link = $"</v2/{name}/tags/list?last={page[^1]}&n={PageSize}>; rel=\"next\"";
        }

        await context.Response.WriteAsJsonAsync(new { name, tags = page });
    }

    private async Task<bool> AdmitAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
        if (Account is not { } account)
        {
            return true;
        }

        var given = context.Request.Headers.Authorization.ToString();
        if (IsBasic)
        {
            if (given == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(account)))
            {
                return true;
            }

            context.Response.Headers.WWWAuthenticate = "Basic realm=\"registry\"";
        }
        else
        {
            upstream.Faulty("token", TokenAsync);
            if (
                given.StartsWith("Bearer ", StringComparison.Ordinal)
                && _uses.TryGetValue(given, out var used)
                && used < TokenUses
            )
            {
                _uses[given] = used + 1;
                return true;
            }

            context.Response.Headers.WWWAuthenticate =
                $"Bearer realm=\"{Url}/token\",service=\"fake, \\\"quoted\\\"\",scope=\"repository:x:pull\"";
        }

        context.Response.StatusCode = 401;
        await context.Response.WriteAsJsonAsync(new { errors = Array.Empty<object>() });
        return false;
    }

    private async Task TokenAsync(HttpContext context)
    {
        Requests.Enqueue($"TOKEN {context.Request.Query["service"]} {context.Request.Query["scope"]}");
        if (
            context.Request.Headers.Authorization
            != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Account ?? ""))
        )
        {
            context.Response.StatusCode = 401;
            return;
        }

        var token = $"token-{Interlocked.Increment(ref _tokens)}";
        _uses["Bearer " + token] = 0;
        await context.Response.WriteAsJsonAsync(new { token, expires_in = 300 });
    }
}
