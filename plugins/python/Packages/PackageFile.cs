using System.Security.Cryptography;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using PulpPython.Metadata;
using PulpPython.Names;

namespace PulpPython.Packages;

/// <summary>What a package file says of itself, and the metadata that is kept beside a wheel (PEP 658).</summary>
internal sealed class PackageFile
{
    /// <summary>What the file of a wheel's metadata is called: the wheel's name with this behind.</summary>
    public const string MetadataSuffix = ".metadata";

    private PackageFile(PythonPackageContent content, byte[]? metadata) => (Content, Metadata) = (content, metadata);

    /// <summary>The unit, whose name, size and digest are the file's.</summary>
    public PythonPackageContent Content { get; }

    /// <summary>The metadata to keep beside it; null where none is.</summary>
    public byte[]? Metadata { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="filename">Its name.</param>
    /// <param name="file">The file.</param>
    /// <param name="sha256">Its digest.</param>
    /// <param name="size">Its size.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ValidationException">It is no package, or not the one that its name says.</exception>
    public static async Task<PackageFile> ReadAsync(
        string filename,
        Stream file,
        string sha256,
        long size,
        CancellationToken cancellationToken
    )
    {
        Name(filename);
        var bytes = await PackageArchive.ReadMetadataAsync(filename, file, cancellationToken);
        return Of(filename, bytes, sha256, size);
    }

    /// <summary>The package of a file whose metadata was read.</summary>
    /// <param name="filename">Its name.</param>
    /// <param name="bytes">The metadata.</param>
    /// <param name="sha256">The file's digest.</param>
    /// <param name="size">The file's size.</param>
    /// <exception cref="ValidationException">It isn't the package that its name says.</exception>
    public static PackageFile Of(string filename, byte[] bytes, string sha256, long size)
    {
        var name = Name(filename);
        var metadata = CoreMetadata.Parse(bytes);
        if (PackageFilename.TryParse(filename, metadata.Name, out var divided))
        {
            name = divided;
        }

        CheckName(name, metadata);
        var isWheel = name.PackageType == PackageTypes.Wheel;
        var content = new PythonPackageContent
        {
            Filename = filename,
            Packagetype = name.PackageType,
            PythonVersion = name.PythonVersion,
            Size = size,
            Sha256 = sha256,
            MetadataSha256 = isWheel ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : null,
        };
        return new PackageFile(content.With(metadata), isWheel ? bytes : null);
    }

    /// <summary>The unit with its files: the package, and a wheel's metadata beside it.</summary>
    /// <param name="package">Makes the declaration of the package's file of its name.</param>
    /// <param name="stage">Stages the metadata.</param>
    public async Task<DeclaredContent> DeclareAsync(
        Func<string, DeclaredArtifact> package,
        Func<Stream, Task<StagedFile>> stage
    )
    {
        var file = package(Content.Filename);
        if (Metadata is null)
        {
            return new DeclaredContent(Content, file);
        }

        var metadata = await stage(new MemoryStream(Metadata, writable: false));
        return new DeclaredContent(Content, file, new DeclaredArtifact(Content.Filename + MetadataSuffix, metadata));
    }

    private static PackageFilename Name(string filename) =>
        PackageFilename.TryParse(filename, out var name)
            ? name
            : throw new ValidationException(
                "relative_path",
                $"'{Shorten(filename)}' is not the name of a package, such as project-1.0-py3-none-any.whl or project-1.0.tar.gz."
            );

    private static void CheckName(PackageFilename name, CoreMetadata metadata)
    {
        if (ProjectName.Normalize(name.Project) != ProjectName.Normalize(metadata.Name))
        {
            throw new ValidationException(
                "file",
                $"The file's name says {Shorten(name.Project)}, its metadata {Shorten(metadata.Name)}."
            );
        }

        if (
            Versions.PythonVersion.TryParse(name.Version, out var named)
            && Versions.PythonVersion.TryParse(metadata.Version, out var said)
            && named != said
        )
        {
            throw new ValidationException(
                "file",
                $"The file's name says version {named.Normal}, its metadata {said.Normal}."
            );
        }
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
