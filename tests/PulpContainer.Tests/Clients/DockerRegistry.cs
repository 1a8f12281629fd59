using System.Diagnostics;
using System.Net;

namespace PulpContainer.Tests.Clients;

/// <summary>The real registry of Docker on loopback. A test is skipped, and says so, where it isn't installed.</summary>
public sealed class DockerRegistry : IDisposable
{
    private readonly string _directory;
    private readonly Process _process;
    private bool _stopped;

    private DockerRegistry(string directory, Process process, string url)
    {
        _directory = directory;
        _process = process;
        Url = url;
    }

    public string Url { get; }

    public string Host => new Uri(Url).Authority;

    public static async Task<DockerRegistry> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("pulp-registry-").FullName;
        var port = TestPort.Free();
        var config = Path.Combine(directory, "config.yml");
        await File.WriteAllTextAsync(
            config,
            $"""
            version: 0.1
            log: {"{level: error}"}
            storage:
              filesystem: {"{rootdirectory: " + directory + "/data}"}
              delete: {"{enabled: true}"}
            http: {"{addr: 127.0.0.1:" + port + "}"}
            """
        );
        var start = new ProcessStartInfo("docker-registry", ["serve", config])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var registry = new DockerRegistry(directory, Start(start), $"http://127.0.0.1:{port}");
        registry._process.BeginOutputReadLine();
        registry._process.BeginErrorReadLine();
        await registry.ReadyAsync();
        return registry;
    }

    /// <summary>Ends it at once, as a machine that loses its power.</summary>
    public void Kill()
    {
        if (!_stopped)
        {
            _stopped = true;
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>Pushes an image as any client does.</summary>
    public async Task PushAsync(string name, string reference, TestImage image)
    {
        using var client = new PulpClient(Url, user: null, password: null);
        foreach (var blob in image.Blobs)
        {
            using var begun = await client.Http.PostAsync($"/v2/{name}/blobs/uploads/", content: null);
            var at = begun.Headers.Location?.ToString() ?? "";
            var digest = Uri.EscapeDataString(TestImage.DigestOf(blob));
            using var put = await client.Http.PutAsync(
                at + (at.Contains('?') ? "&" : "?") + "digest=" + digest,
                new ByteArrayContent(blob)
            );
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        }

        await PutAsync(client, name, reference, image.Manifest, image.MediaType);
    }

    public async Task PushAsync(string name, string reference, byte[] manifest, string mediaType)
    {
        using var client = new PulpClient(Url, user: null, password: null);
        await PutAsync(client, name, reference, manifest, mediaType);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task PutAsync(
        PulpClient client,
        string name,
        string reference,
        byte[] manifest,
        string mediaType
    )
    {
        var content = new ByteArrayContent(manifest);
        content.Headers.ContentType = new(mediaType);
        using var put = await client.Http.PutAsync($"/v2/{name}/manifests/{reference}", content);
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.Created), await put.Content.ReadAsStringAsync());
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("docker-registry didn't start.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("docker-registry isn't installed here.");
            throw;
        }
    }

    private async Task ReadyAsync()
    {
        using var client = new PulpClient(Url, user: null, password: null);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await client.Http.GetAsync("/v2/");
                return;
            }
            catch (HttpRequestException) when (attempt < 2400 && !_process.HasExited)
            {
                // Another process tells nobody that it listens.
                await Task.Delay(25);
            }
        }
    }
}
