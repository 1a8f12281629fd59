using System.Diagnostics;
using NUnit.Framework;

namespace Pulp.Testing;

/// <summary>A file system of a few megabytes that can be filled up. Only root may mount one.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _ballast;

    private SmallDisk(string path)
    {
        Path = path;
        _ballast = System.IO.Path.Combine(path, "ballast");
    }

    public string Path { get; }

    /// <summary>Mounts one; where that isn't allowed the test is skipped, and says so.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("pulp-disk-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "tmpfs", path) != 0)
        {
            Directory.Delete(path);
            Assert.Ignore("A file system of a few megabytes can't be mounted here: that takes root.");
        }

        return new SmallDisk(path);
    }

    /// <summary>Takes all the space that is left, but for some megabytes.</summary>
    public void Fill(int leave = 0)
    {
        using var file = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // That was the last of it.
            file.SetLength(file.Length - (leave * 1024L * 1024L));
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(_ballast);

    public async ValueTask DisposeAsync()
    {
        // Lazily: whoever still has a file open doesn't keep it from going.
        await RunAsync("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process =
            Process.Start(
                new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
            ) ?? throw new InvalidOperationException($"{program} can't be started.");
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
