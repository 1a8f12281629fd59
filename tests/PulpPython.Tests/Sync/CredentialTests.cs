using Microsoft.AspNetCore.Http;

namespace PulpPython.Tests.Sync;

/// <summary>Who gets a remote's credentials: indexes name hosts as they like.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CredentialTests(Engine engine) : IndexFixture(engine)
{
    [TestCase("127.0.0.1", true)]
    [TestCase("localhost", false)]
    public async Task Only_the_host_of_the_remote_gets_its_credentials(string host, bool expected)
    {
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.FilesUrl = $"http://{host}:{new Uri(Upstream.Url).Port}/files/";
        Index.HasMetadata = false;
        Index.With(package);
        var sent = new List<string>();
        Upstream.Faulty(
            $"files/{package.Filename}",
            context =>
            {
                sent.Add(context.Request.Headers.Authorization.ToString());
                return context.Response.Body.WriteAsync(package.Bytes, context.RequestAborted).AsTask();
            }
        );

        var (repository, _, task) = await SyncedAsync(
            new
            {
                includes = new[] { package.Project },
                policy = "immediate",
                username = "mirror",
                password = "knows",
            }
        );

        Completed(task);
        var files = await FilesAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(files, Is.EqualTo(new[] { package.Filename }));
            Assert.That(sent, Has.Count.EqualTo(1));
            Assert.That(sent[0].StartsWith("Basic ", StringComparison.Ordinal), Is.EqualTo(expected));
        });
    }
}
