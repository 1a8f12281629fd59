using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NUnit.Framework;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Platform.Tenancy;
using Pulp.Core.Serving;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Tests.Serving;

public sealed class SharedDownloadTests
{
    private sealed record TestRemote : Remote;

    private string _root = "";

    private PulpSettings Settings => new() { MediaRoot = _root, FlushArtifacts = false };

    [SetUp]
    public void Begin() => _root = Directory.CreateTempSubdirectory("pulp-shared-").FullName;

    [TearDown]
    public void End() => Directory.Delete(_root, recursive: true);

    /// <summary>A source breaks off at the moment at which a client takes its first bytes, again and again.</summary>
    [Test]
    public async Task A_client_never_gets_bytes_of_two_sources()
    {
        var storage = new FileStorage(Settings);
        var (restarted, refused) = (0, 0);
        for (var round = 0; round < 300; round++)
        {
            var download = new SharedDownload(storage);
            Assert.That(download.TryJoin());
            using var body = new MemoryStream();
            var context = new DefaultHttpContext();
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
            var reading = Task.Run(() => download.CopyToAsync(context.Response, CancellationToken.None));

            await SendAsync(download, (byte)'a', 3);
            try
            {
                await download.RestartAsync();
                await SendAsync(download, (byte)'b', 5);
                download.Complete(kept: null);
                restarted++;
            }
            catch (UpstreamException error)
            {
                download.Fail(error);
                refused++;
            }

            var failure = await reading.ContinueWith(t => t.Exception?.InnerException, TaskScheduler.Default);
            download.Leave();
            await download.File.DisposeAsync();

            Assert.That(failure, Is.Null.Or.TypeOf<UpstreamException>());
            Assert.That(body.ToArray().Distinct().Count(), Is.LessThanOrEqualTo(1), $"round {round}");
        }

        await TestContext.Out.WriteLineAsync($"{restarted} restarted, {refused} too late");
        Assert.That(restarted + refused, Is.EqualTo(300));
    }

    private static async Task SendAsync(SharedDownload download, byte value, int pieces)
    {
        var piece = new byte[50_000];
        piece.AsSpan().Fill(value);
        for (var i = 0; i < pieces; i++)
        {
            await download.AppendAsync(piece, CancellationToken.None);
        }
    }

    private sealed class NoAuthorizations : IUpstreamAuthorizations
    {
        public UpstreamAuthorization? For(Remote remote) => null;
    }

    [Test]
    public void The_files_of_a_remote_share_one_downloader_until_the_remote_is_changed()
    {
        var settings = Settings;
        using var shared = new SharedDownloaders(
            new Downloaders(new FileStorage(settings), settings, new NoAuthorizations(), TimeProvider.System),
            TimeProvider.System
        );
        var remote = new TestRemote
        {
            PulpId = Guid.NewGuid(),
            Name = "remote",
            Url = "http://localhost/",
        };
        var other = remote with { PulpId = Guid.NewGuid() };
        var changed = remote with { PulpLastUpdated = remote.PulpLastUpdated.AddSeconds(1) };

        using var one = shared.Take(remote);
        using var two = shared.Take(remote);
        using var third = shared.Take(other);
        using var fourth = shared.Take(changed);

        Assert.Multiple(() =>
        {
            Assert.That(two.Downloader, Is.SameAs(one.Downloader), "its slots and its rate hold over all files");
            Assert.That(third.Downloader, Is.Not.SameAs(one.Downloader));
            Assert.That(fourth.Downloader, Is.Not.SameAs(one.Downloader));
        });
    }
}
