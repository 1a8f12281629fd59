using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using PulpPython.Names;

namespace PulpPython.Tests;

/// <summary>A package file that a test made: one that installers take.</summary>
public sealed record TestPackage(string Project, string Version, string Filename, byte[] Bytes, byte[] Metadata)
{
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    public string MetadataSha256 => Convert.ToHexStringLower(SHA256.HashData(Metadata));

    /// <summary>The module's name: what a test imports.</summary>
    public static string Module(string project) => ProjectName.Normalize(project).Replace('-', '_');

    /// <summary>A wheel with one module that says its version.</summary>
    /// <param name="project">The project.</param>
    /// <param name="version">The release.</param>
    /// <param name="more">More lines of metadata.</param>
    /// <param name="tags">Interpreter, ABI and platform.</param>
    public static TestPackage Wheel(string project, string version, string more = "", string tags = "py3-none-any")
    {
        var (module, info) = (Module(project), $"{Module(project)}-{version}.dist-info");
        var metadata = CoreMetadata(project, version, more);
        var files = new List<(string Path, byte[] Bytes)>
        {
            ($"{module}.py", Encoding.UTF8.GetBytes($"__version__ = '{version}'\n")),
            ($"{info}/METADATA", metadata),
            (
                $"{info}/WHEEL",
                Encoding.UTF8.GetBytes($"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tags}\n")
            ),
        };
        files.Add(($"{info}/RECORD", Record(files, info)));
        return new TestPackage(project, version, $"{module}-{version}-{tags}.whl", Zip(files), metadata);
    }

    /// <summary>An sdist, which pip can't build without the network: for what is fetched and listed.</summary>
    public static TestPackage Source(string project, string version, string more = "", string extension = ".tar.gz")
    {
        var root = $"{Module(project)}-{version}";
        var metadata = CoreMetadata(project, version, more);
        var files = new List<(string Path, byte[] Bytes)>
        {
            ($"{root}/PKG-INFO", metadata),
            ($"{root}/{Module(project)}.py", Encoding.UTF8.GetBytes($"__version__ = '{version}'\n")),
        };
        var bytes = extension switch
        {
            ".zip" => Zip(files),
            ".tar" => Tar(files),
            ".tar.bz2" => BZip2(Tar(files)),
            _ => GZip(Tar(files)),
        };
        return new TestPackage(project, version, root + extension, bytes, metadata);
    }

    public static byte[] Zip(IEnumerable<(string Path, byte[] Bytes)> files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, bytes) in files)
            {
                using var entry = archive.CreateEntry(path).Open();
                entry.Write(bytes);
            }
        }

        return memory.ToArray();
    }

    public static byte[] Tar(IEnumerable<(string Path, byte[] Bytes)> files, TarEntryFormat format = TarEntryFormat.Pax)
    {
        using var memory = new MemoryStream();
        using (var archive = new TarWriter(memory, format, leaveOpen: true))
        {
            foreach (var (path, bytes) in files)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, path),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, path),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, path),
                };
                entry.DataStream = new MemoryStream(bytes);
                archive.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    }

    public static byte[] GZip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    public static byte[] BZip2(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var bzip2 = new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(memory))
        {
            bzip2.Write(bytes);
        }

        return memory.ToArray();
    }

    private static byte[] CoreMetadata(string project, string version, string more) =>
        Encoding.UTF8.GetBytes(
            $"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nSummary: {project} of a test\n{Lines(more)}\nThe long *text*.\n"
        );

    private static string Lines(string more) => more.Length == 0 || more.EndsWith('\n') ? more : more + "\n";

    private static byte[] Record(IEnumerable<(string Path, byte[] Bytes)> files, string info)
    {
        var lines = files.Select(f =>
        {
            var digest = Convert
                .ToBase64String(SHA256.HashData(f.Bytes))
                .TrimEnd('=')
                .Replace('+', '-')
                .Replace('/', '_');
            return $"{f.Path},sha256={digest},{f.Bytes.Length}\n";
        });
        return Encoding.UTF8.GetBytes(string.Concat(lines) + $"{info}/RECORD,,\n");
    }
}
