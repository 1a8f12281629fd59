using System.Diagnostics;
using System.Security.Cryptography;

namespace Pulp.Api.Tests.Processes;

/// <summary>What must be on the disk before an answer is given, read off the system calls of a server.</summary>
public sealed class DurabilityTests
{
    private string _data = "";
    private string _trace = "";
    private ServerProcess? _server;
    private Process? _strace;

    private PulpClient Api => _server?.Api ?? throw new InvalidOperationException("The server isn't started.");

    [SetUp]
    public async Task StartAsync()
    {
        _data = Directory.CreateTempSubdirectory("pulp-durable-").FullName;
        _trace = Path.Combine(_data, "trace");
        _server = await ServerProcess.ServeAsync(_data, "");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await EndTraceAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task TraceAsync(params string[] options)
    {
        string[] arguments =
        [
            "-f",
            "-y",
            "-s",
            "300",
            "-o",
            _trace,
            "-p",
            $"{_server?.Id}",
            "-e",
            "trace=fsync,rename,renameat,renameat2",
            .. options,
        ];
        try
        {
            _strace = Process.Start(
                new ProcessStartInfo("strace", arguments) { UseShellExecute = false, RedirectStandardError = true }
            );
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("There is no strace to see the system calls with.");
        }

        var line = await (_strace?.StandardError.ReadLineAsync() ?? Task.FromResult<string?>(null));
        if (line?.Contains("attached", StringComparison.Ordinal) != true)
        {
            Assert.Ignore($"strace can't follow the server: {line}");
        }
    }

    private async Task EndTraceAsync()
    {
        if (_strace is { HasExited: false })
        {
            using var interrupt = Process.Start("kill", ["-INT", $"{_strace.Id}"]);
            await _strace.WaitForExitAsync();
        }

        _strace?.Dispose();
        _strace = null;
    }

    /// <summary>Where the first call with these texts stands, behind another.</summary>
    private static int Find(string[] calls, int behind, params string[] texts)
    {
        var found = Array.FindIndex(calls, behind + 1, c => texts.All(t => c.Contains(t, StringComparison.Ordinal)));
        Assert.That(found, Is.GreaterThan(behind), $"{string.Join(" ", texts)} in:\n{string.Join('\n', calls)}");
        return found;
    }

    /// <summary>Bytes, then name, then the directories that hold the name.</summary>
    private async Task AssertFlushedAsync(string name, params string[] directories)
    {
        await EndTraceAsync();
        var calls = await File.ReadAllLinesAsync(_trace);
        var bytes = Find(calls, -1, "fsync(", "/media/tmp/");
        var renamed = Find(calls, bytes, "rename", name);
        foreach (var directory in directories)
        {
            Find(calls, renamed, "fsync(", $"/media{directory}>");
        }
    }

    private async Task<(string Href, Answer Answer)> SendChunkAsync()
    {
        var bytes = RandomNumberGenerator.GetBytes(50_000);
        var upload = (await Api.PostAsync("uploads/", new { size = bytes.Length })).Href;
        var answer = await Api.SendContentAsync(
            HttpMethod.Put,
            upload,
            PulpClient.Form(bytes, null),
            r =>
                r.Content?.Headers.TryAddWithoutValidation(
                    "Content-Range",
                    $"bytes 0-{bytes.Length - 1}/{bytes.Length}"
                )
        );
        return (upload, answer);
    }

    [Test]
    public async Task A_chunk_is_on_the_disk_before_its_row()
    {
        await TraceAsync();

        var (upload, answer) = await SendChunkAsync();

        var id = upload.Split('/')[^2];
        Assert.That(answer.Code, Is.EqualTo(200));
        await AssertFlushedAsync($"/upload/{id}/0-", $"/upload/{id}", "/upload", "");
    }

    [Test]
    public async Task An_artifact_is_on_the_disk_before_its_row()
    {
        var bytes = RandomNumberGenerator.GetBytes(50_000);
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await TraceAsync();

        var answer = await Api.UploadAsync("artifacts/", bytes);

        Assert.That(answer.Code, Is.EqualTo(201));
        await AssertFlushedAsync($"/artifact/{digest[..2]}/{digest[2..]}", $"/artifact/{digest[..2]}", "/artifact", "");
    }

    [Test]
    public async Task A_directory_that_cannot_be_flushed_fails_the_chunk()
    {
        Directory.CreateDirectory(Path.Combine(_data, "media", "upload"));
        await TraceAsync("-P", Path.Combine(_data, "media", "upload"), "-e", "inject=fsync:error=EIO");

        var (upload, answer) = await SendChunkAsync();

        Assert.That(answer.Code, Is.EqualTo(500));
        Assert.That((await Api.GetAsync(upload)).Json?["chunks"]?.AsArray(), Is.Empty);
        Assert.That(
            Directory.GetFiles(Path.Combine(_data, "media", "upload"), "*", SearchOption.AllDirectories),
            Is.Empty
        );
    }
}
