namespace Pulp.Bench;

/// <summary>
/// A file system of its own for one side of a comparison. ext4 doesn't reuse the inodes of files that were deleted within the last
/// minutes, and searches its bitmaps past them: whoever writes after a mass deletion pays for it, whatever it does itself.
/// </summary>
internal sealed class FreshDisk : IAsyncDisposable
{
    private const string Size = "8G";
    private readonly string? _image;

    private FreshDisk(string path, string? image)
    {
        Path = path;
        _image = image;
    }

    /// <summary>The directory it is mounted at.</summary>
    public string Path { get; }

    /// <summary>Makes an empty ext4 in a file and mounts it; where that isn't permitted, a directory has to do.</summary>
    public static async Task<FreshDisk> MountAsync(string path)
    {
        Directory.CreateDirectory(path);
        if (Environment.UserName != "root")
        {
            Console.Error.WriteLine($"{path} is on the common file system: only root can mount one of its own.");
            return new FreshDisk(path, image: null);
        }

        var image = path + ".img";
        await Measuring.RunAsync("truncate", ["-s", Size, image]);
        await Measuring.RunAsync("mkfs.ext4", ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]);
        await Measuring.RunAsync("mount", ["-o", "loop", image, path]);
        return new FreshDisk(path, image);
    }

    public async ValueTask DisposeAsync()
    {
        if (_image is null)
        {
            Directory.Delete(Path, recursive: true);
            return;
        }

        // A process that is just ending may still have a file of it open: it goes with that.
        await Measuring.RunAsync("umount", ["--lazy", Path]);
        Directory.Delete(Path);
        File.Delete(_image);
    }
}
