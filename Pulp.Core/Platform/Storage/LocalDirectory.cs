namespace Pulp.Core.Platform.Storage;

/// <summary>A directory that files are kept in.</summary>
/// <param name="Root">Where it is.</param>
/// <param name="Receives">Files are received in it, so that they only need to be renamed.</param>
/// <param name="FileMode">The permissions of files; null for the usual ones.</param>
/// <param name="DirectoryMode">The permissions of directories; null for the usual ones.</param>
internal sealed record LocalDirectory(
    string Root,
    bool Receives = false,
    UnixFileMode? FileMode = null,
    UnixFileMode? DirectoryMode = null
)
{
    /// <summary>Makes a directory in it, where there is none.</summary>
    public void Make(string path)
    {
        if (DirectoryMode is { } mode && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, mode);
        }
        else
        {
            Directory.CreateDirectory(path);
        }
    }

    /// <summary>Gives a file the permissions of files.</summary>
    public void SetMode(string path)
    {
        if (FileMode is { } mode && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
