using System.IO.Compression;
using ICSharpCode.SharpZipLib.BZip2;
using Pulp.PluginSdk.Errors;
using PulpPython.Names;

namespace PulpPython.Metadata;

/// <summary>
/// Reads the metadata out of package files. Nothing is extracted, so names in them lead nowhere; how much is read and unpacked is
/// limited whatever a file says of itself.
/// </summary>
public static class PackageArchive
{
    private const string SourceMetadata = "PKG-INFO";

    /// <summary>Reads the file <c>METADATA</c> of a wheel, <c>PKG-INFO</c> of an sdist, egg or installer.</summary>
    /// <param name="filename">The package's file name.</param>
    /// <param name="file">The package; it can be read from any place.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ValidationException">It isn't what its name says, has no metadata, or breaks the limits.</exception>
    public static async Task<byte[]> ReadMetadataAsync(
        string filename,
        Stream file,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!PackageFilename.TryParse(filename, out var name))
        {
            throw new ValidationException("filename", $"'{Shown(filename)}' is not the name of a python package file.");
        }

        try
        {
            return name switch
            {
                { PackageType: PackageTypes.Wheel } => await InZipAsync(file, IsOfWheel(name), cancellationToken),
                { PackageType: PackageTypes.Egg } => await InZipAsync(
                    file,
                    path => path == "EGG-INFO/PKG-INFO",
                    cancellationToken
                ),
                { PackageType: PackageTypes.Wininst } => await InZipAsync(file, IsOfInstaller, cancellationToken),
                { PackageType: PackageTypes.Source, Extension: ".zip" } => await InZipAsync(
                    file,
                    IsOfSource,
                    cancellationToken
                ),
                { PackageType: PackageTypes.Source } => await InTarAsync(file, name.Extension, cancellationToken),
                _ => throw Fault($"of the type {name.PackageType} can't be read"),
            };
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw Fault("is damaged, or not what its name says");
        }
    }

    /// <summary>What the readers throw at bytes that make no sense; that of bzip2 also runs out of its tables.</summary>
    private static bool IsDamage(Exception error) =>
        error
            is InvalidDataException
                or EndOfStreamException
                or OverflowException
                or BZip2Exception
                or IndexOutOfRangeException;

    internal static ValidationException Fault(string what) => new("file", $"The package file {what}.");

    /// <summary>A wheel has one directory of metadata at its top, whose name begins with the project's.</summary>
    private static Func<string, bool> IsOfWheel(PackageFilename name)
    {
        var project = ProjectName.Normalize(name.Project) + "-";
        return path =>
            path.EndsWith(".dist-info/METADATA", StringComparison.Ordinal)
            && path.IndexOf('/', StringComparison.Ordinal) == path.Length - "/METADATA".Length
            && ProjectName.Normalize(path).StartsWith(project, StringComparison.Ordinal);
    }

    private static bool IsOfSource(string path) =>
        path.EndsWith("/" + SourceMetadata, StringComparison.Ordinal)
        && path.IndexOf('/', StringComparison.Ordinal) == path.Length - SourceMetadata.Length - 1;

    private static bool IsOfInstaller(string path) =>
        path.EndsWith(".egg-info", StringComparison.Ordinal)
        || path.EndsWith(".egg-info/" + SourceMetadata, StringComparison.Ordinal);

    private static async Task<byte[]> InZipAsync(
        Stream file,
        Func<string, bool> isMetadata,
        CancellationToken cancellationToken
    )
    {
        ZipEntry? found = null;
        await foreach (var entry in ZipDirectory.ReadAsync(file, cancellationToken))
        {
            if (isMetadata(entry.Path))
            {
                // Two that are called the same are read differently by different programs.
                found = found is null ? entry : throw Fault("has its metadata twice");
            }
        }

        return await ZipDirectory.ReadEntryAsync(
            file,
            found ?? throw Fault("has no metadata"),
            MetadataText.MaxBytes,
            cancellationToken
        );
    }

    private static async Task<byte[]> InTarAsync(Stream file, string extension, CancellationToken cancellationToken)
    {
        file.Position = 0;
        await using Stream? unpacked = extension switch
        {
            ".tar" => null,
            ".tar.gz" or ".tgz" => new GZipStream(file, CompressionMode.Decompress, leaveOpen: true),
            ".tar.bz2" or ".tbz" => new BZip2InputStream(file) { IsStreamOwner = false },
            _ => throw Fault($"with the ending {extension} can't be read"),
        };
        return await TarEntries.ReadAsync(
                new LimitedStream(unpacked ?? file, file.Length),
                IsOfSource,
                MetadataText.MaxBytes,
                cancellationToken
            ) ?? throw Fault("has no metadata");
    }

    private static string Shown(string filename) => Pulp.PluginSdk.Sync.RelativePaths.Shorten(filename ?? "");
}
