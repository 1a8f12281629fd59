using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Pulp.PluginSdk.Tests;

/// <summary>Files that a plugin fetches from a remote when somebody asks for them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PullThroughTests(Engine engine) : SkeletonFixture(engine)
{
    private sealed record Cache(string Repository, string Url, string Upstream, string Digest, byte[] Bytes);

    private async Task<Cache> NewCacheAsync(int size, string policy = "on_demand", double? readTimeout = null)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
        var name = PulpClient.Unique();
        var remote = await Api.PostAsync(
            "remotes/images/image/",
            new
            {
                name,
                policy,
                url = Upstream.Url + "/",
                max_retries = 0,
                sock_read_timeout = readTimeout,
            }
        );
        var repository = (await Api.PostAsync("repositories/images/image/", new { name })).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/images/image/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                    remote = remote.Href,
                }
            )
        );
        return new Cache(repository, $"/v2/{name}/blobs/{digest}", $"{name}/blobs/{digest}", digest, bytes);
    }

    private async Task<(HttpResponseMessage Response, byte[] Body)> GetAsync(string url)
    {
        var response = await Api.Http.GetAsync(url);
        return (response, await response.Content.ReadAsByteArrayAsync());
    }

    private async Task<IReadOnlyList<string?>> BlobsAsync(string repository)
    {
        var version = await Api.LatestAsync(repository);
        var blobs = await Api.GetAsync($"content/images/blobs/?repository_version={version}");
        return [.. blobs.Results.Select(b => (string?)b["digest"])];
    }

    [TestCase(1_000)]
    [TestCase(1_000_000)]
    public async Task What_was_asked_for_is_sent_stored_and_added_to_the_repository(int size)
    {
        var cache = await NewCacheAsync(size);
        Upstream.With(cache.Upstream, cache.Bytes);

        var (first, body) = await GetAsync(cache.Url);
        var held = await BlobsAsync(cache.Repository);
        Upstream.Without(cache.Upstream);
        var (_, again) = await GetAsync(cache.Url);

        Assert.Multiple(() =>
        {
            Assert.That(body, Is.EqualTo(cache.Bytes));
            Assert.That(first.Headers.GetValues("Docker-Content-Digest"), Is.EqualTo(new[] { cache.Digest }));
            Assert.That(held, Is.EqualTo(new[] { cache.Digest }));
            Assert.That(again, Is.EqualTo(cache.Bytes));
            Assert.That(Upstream.Count(cache.Upstream), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Requests_at_the_same_time_share_one_download_and_get_bytes_before_its_end()
    {
        var cache = await NewCacheAsync(400_000);
        var rest = new TaskCompletionSource();
        Upstream.Faulty(
            cache.Upstream,
            async context =>
            {
                context.Response.ContentLength = cache.Bytes.Length;
                await context.Response.Body.WriteAsync(cache.Bytes.AsMemory(0, 200_000));
                await rest.Task;
                await context.Response.Body.WriteAsync(cache.Bytes.AsMemory(200_000));
            }
        );

        var requests = Enumerable
            .Range(0, 4)
            .Select(_ => Api.Http.GetAsync(cache.Url, HttpCompletionOption.ResponseHeadersRead))
            .ToList();
        var begun = await Task.WhenAll(requests);
        var streams = await Task.WhenAll(begun.Select(r => r.Content.ReadAsStreamAsync()));
        var early = new byte[100_000];
        foreach (var stream in streams)
        {
            await stream.ReadExactlyAsync(early);
        }

        rest.SetResult();
        var tails = await Task.WhenAll(streams.Select(ReadAsync));

        Assert.Multiple(() =>
        {
            Assert.That(early, Is.EqualTo(cache.Bytes[..100_000]));
            Assert.That(tails, Is.All.EqualTo(cache.Bytes[100_000..]));
            Assert.That(Upstream.Count(cache.Upstream), Is.EqualTo(1));
        });

        static async Task<byte[]> ReadAsync(Stream stream)
        {
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory);
            return memory.ToArray();
        }
    }

    [Test]
    public async Task A_failing_upstream_is_told_as_what_it_is()
    {
        var (absent, broken, busy, wrong, silent) = (
            await NewCacheAsync(10),
            await NewCacheAsync(10),
            await NewCacheAsync(10),
            await NewCacheAsync(10),
            await NewCacheAsync(10, readTimeout: 0.2)
        );
        Upstream.Faulty(broken.Upstream, Answer(500));
        Upstream.Faulty(busy.Upstream, Answer(503));
        Upstream.With(wrong.Upstream, "not these ten");
        var done = new TaskCompletionSource();
        Upstream.Faulty(
            silent.Upstream,
            async context =>
            {
                await context.Response.StartAsync();
                await done.Task;
            }
        );

        var answers = new List<(int Status, bool IsWorthARetry)>();
        foreach (var cache in new[] { absent, broken, busy, wrong, silent })
        {
            var (response, _) = await GetAsync(cache.Url);
            answers.Add(((int)response.StatusCode, response.Headers.RetryAfter is not null));
        }

        done.SetResult();
        var held = await BlobsAsync(wrong.Repository);
        Assert.Multiple(() =>
        {
            Assert.That(
                answers,
                Is.EqualTo(new[] { (404, false), (502, true), (503, true), (502, true), (504, true) })
            );
            Assert.That(held, Is.Empty);
        });

        static Func<HttpContext, Task> Answer(int status) =>
            context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            };
    }

    [Test]
    public async Task A_remote_that_is_only_streamed_leaves_nothing()
    {
        var cache = await NewCacheAsync(1_000, policy: "streamed");
        Upstream.With(cache.Upstream, cache.Bytes);

        var (_, body) = await GetAsync(cache.Url);

        Assert.That(body, Is.EqualTo(cache.Bytes));
        Assert.That(await BlobsAsync(cache.Repository), Is.Empty);
    }

    [Test]
    public async Task A_file_that_is_here_already_is_not_fetched_again()
    {
        var cache = await NewCacheAsync(1_000);
        await Api.UploadAsync("content/images/blobs/upload/", cache.Bytes, new { digest = cache.Digest });

        var (_, body) = await GetAsync(cache.Url);

        var held = await BlobsAsync(cache.Repository);
        Assert.Multiple(() =>
        {
            Assert.That(body, Is.EqualTo(cache.Bytes));
            Assert.That(held, Is.EqualTo(new[] { cache.Digest }));
            Assert.That(Upstream.Count(cache.Upstream), Is.Zero);
        });
    }

    [Test]
    public async Task A_remote_that_wants_tokens_gets_one()
    {
        var cache = await NewCacheAsync(1_000);
        Upstream.Faulty("token", context => context.Response.WriteAsJsonAsync(new { token = "good" }));
        Upstream.Faulty(
            cache.Upstream,
            async context =>
            {
                if (context.Request.Headers.Authorization != "Bearer good")
                {
                    context.Response.StatusCode = 401;
                    context.Response.Headers.WWWAuthenticate =
                        $"Bearer realm=\"{Upstream.Url}/token\",service=\"test\"";
                    return;
                }

                await context.Response.Body.WriteAsync(cache.Bytes);
            }
        );

        var (response, body) = await GetAsync(cache.Url);

        var held = await BlobsAsync(cache.Repository);
        Assert.Multiple(() =>
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(200));
            Assert.That(body, Is.EqualTo(cache.Bytes));
            Assert.That(held, Is.EqualTo(new[] { cache.Digest }));
        });
    }

    [Test]
    public async Task No_clean_up_finds_a_unit_before_its_version_holds_it()
    {
        var caches = new List<Cache>();
        for (var i = 0; i < 20; i++)
        {
            caches.Add(await NewCacheAsync(100));
            Upstream.With(caches[i].Upstream, caches[i].Bytes);
        }

        var cleanUps = CleanUpAsync();
        var bodies = new List<byte[]>();
        foreach (var cache in caches)
        {
            bodies.Add((await GetAsync(cache.Url)).Body);
        }

        await cleanUps;
        var held = new List<string?>();
        foreach (var cache in caches)
        {
            held.AddRange(await BlobsAsync(cache.Repository));
        }

        Assert.Multiple(() =>
        {
            Assert.That(bodies, Is.EqualTo(caches.Select(c => c.Bytes)));
            Assert.That(held, Is.EqualTo(caches.Select(c => c.Digest)));
        });

        async Task CleanUpAsync()
        {
            for (var i = 0; i < 5; i++)
            {
                await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 }));
            }
        }
    }

    [Test]
    public async Task Who_expects_another_file_at_the_same_place_does_not_spoil_it_for_others()
    {
        var cache = await NewCacheAsync(1_000);
        using var asked = new SemaphoreSlim(0);
        var rest = new TaskCompletionSource();
        Upstream.Faulty(
            "moving",
            async context =>
            {
                asked.Release();
                await rest.Task;
                await context.Response.Body.WriteAsync(cache.Bytes);
            }
        );
        var mistaken = cache.Url.Replace(cache.Digest, "sha256:" + new string('0', 64), StringComparison.Ordinal);

        var refused = GetAsync(mistaken + "?at=moving");
        await asked.WaitAsync();
        var sent = GetAsync(cache.Url + "?at=moving");
        await asked.WaitAsync(TimeSpan.FromSeconds(60));
        rest.SetResult();

        var (told, _) = await refused;
        var (_, body) = await sent;
        Assert.Multiple(() =>
        {
            Assert.That((int)told.StatusCode, Is.EqualTo(502));
            Assert.That(body, Is.EqualTo(cache.Bytes));
        });
    }
}
