using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pulp.PluginSdk.Testing;

/// <summary>A real web server on loopback whose files and faults the test decides.</summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _faults = new(StringComparer.Ordinal);

    private FakeUpstream(WebApplication app) => _app = app;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Address of a file plugin's manifest.</summary>
    public string Manifest => Url + "/PULP_MANIFEST";

    /// <summary>Requests by path, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Starts one on a port of its own.</summary>
    public static Task<FakeUpstream> StartAsync() => StartAsync(https: null);

    /// <summary>Starts one on a port of its own that speaks https.</summary>
    /// <param name="https">Its certificate, and what else there is to say; null for plain http.</param>
    public static async Task<FakeUpstream> StartAsync(HttpsConnectionAdapterOptions? https)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                port: 0,
                listen =>
                {
                    if (https is not null)
                    {
                        listen.UseHttps(https);
                    }
                }
            )
        );
        var app = builder.Build();
        var upstream = new FakeUpstream(app);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync();
        upstream.Url =
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.First() ?? "";
        return upstream;
    }

    /// <summary>Puts a file there, or another in its place.</summary>
    /// <param name="path">Its path, without a leading slash.</param>
    /// <param name="text">What is in it.</param>
    public FakeUpstream With(string path, string text) => With(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Puts a file there, or another in its place.</summary>
    /// <param name="path">Its path, without a leading slash.</param>
    /// <param name="bytes">What is in it.</param>
    public FakeUpstream With(string path, byte[] bytes)
    {
        _files["/" + path] = bytes;
        return this;
    }

    /// <summary>Takes a file away: 404.</summary>
    /// <param name="path">Its path, without a leading slash.</param>
    public FakeUpstream Without(string path)
    {
        _files.TryRemove("/" + path, out _);
        return this;
    }

    /// <summary>Answers a path in the test's own way until it is mended.</summary>
    /// <param name="path">The path, without a leading slash.</param>
    /// <param name="answer">Answers it.</param>
    public FakeUpstream Faulty(string path, Func<HttpContext, Task> answer)
    {
        _faults["/" + path] = answer;
        return this;
    }

    /// <summary>Answers a path as its file says again.</summary>
    /// <param name="path">The path, without a leading slash.</param>
    public void Mend(string path) => _faults.TryRemove("/" + path, out _);

    /// <summary>Writes a file plugin's manifest of all files that are there now.</summary>
    public FakeUpstream Listed()
    {
        var lines = _files
            .Where(f => f.Key != "/PULP_MANIFEST")
            .OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => $"{f.Key[1..]},{Convert.ToHexStringLower(SHA256.HashData(f.Value))},{f.Value.Length}\n");
        return With("PULP_MANIFEST", string.Concat(lines));
    }

    /// <summary>How often a path was asked for.</summary>
    /// <param name="path">The path, without a leading slash.</param>
    public int Count(string path) => Requests.Count(r => r == "/" + path);

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        Requests.Enqueue(path);
        if (_faults.TryGetValue(path, out var fault))
        {
            await fault(context);
            return;
        }

        if (!_files.TryGetValue(path, out var bytes))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
