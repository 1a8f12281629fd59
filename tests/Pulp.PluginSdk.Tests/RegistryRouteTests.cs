using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Pulp.PluginSdk.Tests;

/// <summary>Routes in a protocol of their own: challenge, refusals, and files sent by the server.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RegistryRouteTests(Engine engine) : SkeletonFixture(engine)
{
    private async Task<(string Path, string Digest, byte[] Bytes)> NewBlobAsync(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
        var path = "library/" + PulpClient.Unique();
        var blob = (await Api.UploadAsync("content/images/blobs/upload/", bytes, new { digest })).Href;
        var repository = (await Api.PostAsync("repositories/images/image/", new { name = path })).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { blob } })
        );
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/images/image/",
                new
                {
                    name = path,
                    base_path = path,
                    repository,
                }
            )
        );
        return (path, digest, bytes);
    }

    private async Task<(HttpResponseMessage Response, byte[] Body)> SendAsync(
        HttpMethod method,
        string path,
        Action<HttpRequestHeaders>? with = null
    )
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        using var request = new HttpRequestMessage(method, path);
        with?.Invoke(request.Headers);
        var response = await nobody.Http.SendAsync(request);
        return (response, await response.Content.ReadAsByteArrayAsync());
    }

    [Test]
    public async Task Who_is_not_signed_in_is_challenged_in_the_routes_own_way()
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        using var wrong = new PulpClient(Server.Url, "admin", "wrong");

        var refused = await nobody.GetAsync("/v2/");
        var mistaken = await wrong.GetAsync("/v2/");
        var known = await Api.GetAsync("/v2/");
        var host = new Uri(Server.Url).Authority;

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(401));
            Assert.That(
                refused.Headers.WwwAuthenticate.Single().ToString(),
                Is.EqualTo($"Bearer realm=\"{Server.Url}/token\", service=\"{host}\"")
                    .IgnoreCase.Or.EqualTo($"Bearer realm=\"{Server.Url}/token\",service=\"{host}\"")
            );
            Assert.That((string?)refused.Json?["errors"]?[0]?["code"], Is.EqualTo("UNAUTHORIZED"));
            Assert.That(mistaken.Code, Is.EqualTo(401));
            Assert.That((string?)mistaken.Json?["errors"]?[0]?["message"], Is.EqualTo("Invalid username/password."));
            Assert.That(known.Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task Refusals_have_the_body_that_the_protocol_wants()
    {
        var (path, _, _) = await NewBlobAsync(10);

        var name = await Api.GetAsync("/v2/nobody/knows/blobs/sha256:00");
        var blob = await Api.GetAsync($"/v2/{path}/blobs/sha256:00");
        var method = await Api.DeleteAsync($"/v2/{path}/blobs/sha256:00");

        Assert.Multiple(() =>
        {
            Assert.That((name.Code, Code(name)), Is.EqualTo((404, "NAME_UNKNOWN")));
            Assert.That((blob.Code, Code(blob)), Is.EqualTo((404, "BLOB_UNKNOWN")));
            Assert.That((method.Code, Code(method)), Is.EqualTo((405, "UNSUPPORTED")));
            Assert.That(blob.Headers.Contains("Correlation-ID"));
        });

        static string? Code(Answer answer) => (string?)answer.Json?["errors"]?[0]?["code"];
    }

    // Below and above the size up to which files are kept in memory.
    [TestCase(1_000)]
    [TestCase(100_000)]
    public async Task A_blob_is_sent_with_ranges_conditions_and_headers_of_the_plugins_own(int size)
    {
        var (path, digest, bytes) = await NewBlobAsync(size);
        var url = $"/v2/{path}/blobs/{digest}";

        var (whole, body) = await SendAsync(HttpMethod.Get, url);
        var (_, again) = await SendAsync(HttpMethod.Get, url);
        var (part, range) = await SendAsync(HttpMethod.Get, url, h => h.Range = new RangeHeaderValue(10, 19));
        var (outside, _) = await SendAsync(HttpMethod.Get, url, h => h.Range = new RangeHeaderValue(size, null));
        var (known, _) = await SendAsync(HttpMethod.Get, url, h => h.IfNoneMatch.ParseAdd($"\"{digest}\""));
        var (head, nothing) = await SendAsync(HttpMethod.Head, url);

        Assert.Multiple(() =>
        {
            Assert.That(body, Is.EqualTo(bytes));
            Assert.That(again, Is.EqualTo(bytes));
            Assert.That(whole.Headers.GetValues("Docker-Content-Digest"), Is.EqualTo(new[] { digest }));
            Assert.That(whole.Headers.ETag?.Tag, Is.EqualTo($"\"{digest}\""));
            Assert.That((int)part.StatusCode, Is.EqualTo(206));
            Assert.That(range, Is.EqualTo(bytes[10..20]));
            Assert.That((int)outside.StatusCode, Is.EqualTo(416));
            Assert.That((int)known.StatusCode, Is.EqualTo(304));
            Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(size));
            Assert.That(nothing, Is.Empty);
        });
    }
}
