using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Bench;

/// <summary>An image of one layer.</summary>
internal sealed class SmallImage
{
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    public SmallImage(byte[] layer)
    {
        Layer = layer;
        LayerDigest = DigestOf(layer);
        Config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{{LayerDigest}}}"]}}"""
        );
        ConfigDigest = DigestOf(Config);
        Manifest = Encoding.UTF8.GetBytes(
            $$$"""
            {"schemaVersion":2,"mediaType":"{{{MediaType}}}",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{ConfigDigest}}}","size":{{{Config.Length}}}},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{{LayerDigest}}}","size":{{{layer.Length}}}}]}
            """
        );
        Digest = DigestOf(Manifest);
    }

    public byte[] Layer { get; }

    public string LayerDigest { get; }

    public byte[] Config { get; }

    public string ConfigDigest { get; }

    public byte[] Manifest { get; }

    public string Digest { get; }

    public static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>Pushes as clients do: each blob by a POST and a PUT, then the manifest.</summary>
internal sealed class ImageClient(string url, string? user, string? password) : IDisposable
{
    private readonly PulpClient _client = new(url, user, password);

    public async Task PushAsync(string name, string tag, SmallImage image)
    {
        await PushBlobAsync(name, image.Config, image.ConfigDigest);
        await PushBlobAsync(name, image.Layer, image.LayerDigest);
        using var body = new ByteArrayContent(image.Manifest);
        body.Headers.ContentType = new MediaTypeHeaderValue(SmallImage.MediaType);
        using var put = await _client.Http.PutAsync($"/v2/{name}/manifests/{tag}", body);
        Require(put);
    }

    public async Task PushBlobAsync(string name, byte[] blob, string digest)
    {
        using var begun = await _client.Http.PostAsync($"/v2/{name}/blobs/uploads/", content: null);
        var at = begun.Headers.Location?.ToString() ?? throw new InvalidOperationException($"{begun.StatusCode}");
        var query = (at.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest);
        using var put = await _client.Http.PutAsync(at + query, new ByteArrayContent(blob));
        Require(put);
    }

    public void Dispose() => _client.Dispose();

    private static void Require(HttpResponseMessage answer)
    {
        if (answer.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException($"A push was answered with {answer.StatusCode}.");
        }
    }
}

/// <summary>Docker's registry on loopback, where it is installed.</summary>
internal sealed class DockerRegistry : IDisposable
{
    private readonly Process _process;

    private DockerRegistry(Process process, string url)
    {
        _process = process;
        Url = url;
    }

    public string Url { get; }

    public IReadOnlyList<int> Processes => [_process.Id];

    /// <summary>Null where it isn't installed.</summary>
    public static async Task<DockerRegistry?> StartAsync(string directory)
    {
        const string Program = "/usr/bin/docker-registry";
        if (!File.Exists(Program))
        {
            return null;
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var config = Path.Combine(directory, "registry.yml");
        await File.WriteAllTextAsync(
            config,
            $$"""
            version: 0.1
            log:
              level: error
              accesslog:
                disabled: true
            storage:
              filesystem: {rootdirectory: {{directory}}/registry}
              cache: {blobdescriptor: inmemory}
            http:
              addr: 127.0.0.1:{{port}}
            """
        );
        var process =
            Process.Start(
                new ProcessStartInfo(Program, ["serve", config])
                {
                    UseShellExecute = false,
                    RedirectStandardError = true,
                }
            ) ?? throw new InvalidOperationException($"{Program} can't be started.");
        process.BeginErrorReadLine();
        var registry = new DockerRegistry(process, $"http://127.0.0.1:{port}");
        using var client = new PulpClient(registry.Url, user: null, password: null);
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                using var answer = await client.Http.GetAsync("/v2/");
                break;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50); // It tells nobody when it listens.
            }
        }

        return registry;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
