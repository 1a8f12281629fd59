using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Pulp.PluginSdk.Tests;

/// <summary>A registry that wants tokens, synced with options and asked outside a sync.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ImageSyncTests(Engine engine) : SkeletonFixture(engine)
{
    private readonly List<string> _logins = [];
    private string _token = "first";

    [Test]
    public async Task A_sync_gets_its_token_once_and_files_on_demand_come_with_one_too()
    {
        var layer = PulpClient.Unique();
        Publish(signed: true, ("latest", [layer]), ("old", [layer]));
        var (repository, remote) = await RepositoryAsync();
        var name = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/images/image/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );

        var task = await SyncAsync(repository, new { remote });
        var atSync = _logins.Count;
        _token = "second";
        var served = await Api.GetAsync($"/pulp/content/{name}/{Digest(layer)}");

        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That(atSync, Is.EqualTo(1), "one token does for the whole sync");
            Assert.That(_logins, Is.All.EqualTo("me:secret"));
            Assert.That(served.Text, Is.EqualTo(layer));
            Assert.That(_logins, Has.Count.EqualTo(2));
        });
    }

    [Test]
    public async Task A_manifest_that_was_fetched_as_metadata_is_not_fetched_again_as_a_file()
    {
        Publish(signed: true, ("latest", [PulpClient.Unique()]));
        var (repository, remote) = await RepositoryAsync(policy: "on_demand");

        await SyncAsync(repository, new { remote });

        var manifests = await Api.GetAsync($"content/images/manifests/?repository_version={repository}versions/1/");
        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Count(r => r == "/v2/app/manifests/latest"), Is.EqualTo(1));
            Assert.That(
                manifests.Results.Single()["artifacts"]?.AsObject().Select(a => (string?)a.Value),
                Is.All.Contains("/artifacts/").And.Not.Empty,
                "it is stored, though the remote's files are fetched on demand"
            );
        });
    }

    [Test]
    public async Task Options_of_a_sync_reach_its_plan_and_another_option_is_another_sync()
    {
        Publish(signed: false, ("latest", [PulpClient.Unique()]));
        var (repository, remote) = await RepositoryAsync();

        var signed = await SyncAsync(repository, new { remote, signed_only = true });
        var again = await SyncAsync(repository, new { remote, signed_only = true });
        var all = await SyncAsync(repository, new { remote });

        Assert.Multiple(() =>
        {
            Assert.That(Codes(signed), Does.Contain("images.not_signed").And.Not.Contain("sync.was_skipped"));
            Assert.That(Codes(again), Does.Contain("sync.was_skipped"));
            Assert.That(Codes(all), Does.Not.Contain("sync.was_skipped").And.Not.Contain("images.not_signed"));
            Assert.That(all["created_resources"]?.AsArray(), Has.Count.EqualTo(1), all.ToJsonString());
        });
    }

    [Test]
    public async Task Options_are_documented_and_checked()
    {
        var (repository, remote) = await RepositoryAsync();

        var wrong = await Api.PostAsync(
            repository + "sync/",
            new
            {
                remote,
                signed_only = "perhaps",
                limit = 0,
                colour = "red",
            }
        );
        var document = (await Api.GetAsync("docs/api.json")).Json;

        var schema = document?["components"]?["schemas"]?["images.ImageSyncOptions"]?["properties"];
        Assert.Multiple(() =>
        {
            Assert.That(wrong.Code, Is.EqualTo(400));
            Assert.That(
                wrong.Json?.AsObject().Select(m => m.Key),
                Is.EquivalentTo(["colour", "signed_only", "limit"]),
                wrong.Text
            );
            Assert.That(
                schema?.AsObject().Select(m => m.Key),
                Is.EquivalentTo(["signed_only", "limit", "remote", "mirror", "optimize"])
            );
        });
    }

    [Test]
    public async Task A_route_asks_an_upstream_and_passes_its_answer_on()
    {
        Publish(signed: true, ("latest", [PulpClient.Unique()]));
        var (_, remote) = await RepositoryAsync();
        var name = (string?)(await Api.GetAsync(remote)).Json?["name"];

        var there = await Api.GetAsync($"/upstream-images/latest?remote={name}");
        var head = await Api.SendAsync(HttpMethod.Head, $"/upstream-images/latest?remote={name}", body: null);
        var missing = await Api.GetAsync($"/upstream-images/none?remote={name}");
        var unknown = await Api.GetAsync($"/upstream-images/latest?remote={name}x");

        Assert.Multiple(() =>
        {
            Assert.That(there.Code, Is.EqualTo(200));
            Assert.That(there.Text, Does.Contain("layers"));
            Assert.That(head.Code, Is.EqualTo(200));
            Assert.That(missing.Code, Is.EqualTo(404));
            Assert.That(unknown.Code, Is.EqualTo(404));
            Assert.That(Upstream.Requests.Count(r => r == "/v2/app/manifests/none"), Is.EqualTo(1), "no retries");
        });
    }

    private static IEnumerable<string?> Codes(JsonNode task) =>
        task["progress_reports"]?.AsArray().Select(r => (string?)r?["code"]) ?? [];

    private static string Digest(string text) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private void Publish(bool signed, params (string Tag, string[] Layers)[] images)
    {
        _logins.Clear();
        Guarded("v2/app/tags/list", new JsonObject { ["tags"] = Texts(images.Select(i => i.Tag)) }.ToJsonString());
        foreach (var (tag, layers) in images)
        {
            var manifest = new JsonObject { ["layers"] = Texts(layers.Select(Digest)), ["name"] = tag }.ToJsonString();
            Guarded($"v2/app/manifests/{tag}", manifest, signed);
            foreach (var layer in layers)
            {
                Guarded($"v2/app/blobs/{Digest(layer)}", layer);
            }
        }

        Guarded("v2/app/manifests/none", text: null);
        Upstream.Faulty(
            "token",
            context =>
            {
                var login = context.Request.Headers.Authorization.ToString()["Basic ".Length..];
                _logins.Add(Encoding.UTF8.GetString(Convert.FromBase64String(login)));
                return context.Response.WriteAsJsonAsync(new { token = _token });
            }
        );
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];

    /// <summary>A path that is answered to whoever has a token; without a text, with 404.</summary>
    private void Guarded(string path, string? text, bool signed = false) =>
        Upstream.Faulty(
            path,
            async context =>
            {
                if (context.Request.Headers.Authorization != $"Bearer {_token}")
                {
                    context.Response.StatusCode = 401;
                    context.Response.Headers.WWWAuthenticate =
                        $"Bearer realm=\"{Upstream.Url}/token\",service=\"test\"";
                    return;
                }

                if (text is null)
                {
                    context.Response.StatusCode = 404;
                    return;
                }

                context.Response.ContentType = "application/vnd.oci.image.manifest.v1+json";
                if (signed)
                {
                    context.Response.Headers["X-Signature"] = "yes";
                }

                context.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
                if (!HttpMethods.IsHead(context.Request.Method))
                {
                    await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
                }
            }
        );

    private async Task<(string Repository, string Remote)> RepositoryAsync(string policy = "immediate")
    {
        var name = PulpClient.Unique();
        var remote = await Api.PostAsync(
            "remotes/images/image/",
            new
            {
                name,
                url = Upstream.Url + "/",
                policy,
                username = "me",
                password = "secret",
            }
        );
        return ((await Api.PostAsync("repositories/images/image/", new { name })).Href, remote.Href);
    }

    private async Task<JsonNode> SyncAsync(string repository, object body) =>
        await Api.EndOfAsync((await Api.PostAsync(repository + "sync/", body)).Task);
}
