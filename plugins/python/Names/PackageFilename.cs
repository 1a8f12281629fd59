using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using PulpPython.Versions;

namespace PulpPython.Names;

/// <summary>
/// What the name of a package file tells: wheels (PEP 427), sdists (PEP 625 and those before it), and what PyPI still has of
/// eggs, installers and other built files.
/// </summary>
public sealed partial record PackageFilename
{
    /// <summary>The longest name that a file system takes.</summary>
    public const int MaxLength = 255;

    private const string WheelExtension = ".whl";

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+!-"
    );

    private static readonly string[] SourceExtensions =
    [
        ".tar.gz",
        ".tar.bz2",
        ".tar.xz",
        ".tar.Z",
        ".tgz",
        ".tbz",
        ".tar",
        ".zip",
    ];

    /// <summary>The project, spelt as in the file's name.</summary>
    public required string Project { get; init; }

    /// <summary>The version, spelt as in the file's name.</summary>
    public required string Version { get; init; }

    /// <summary>One of <see cref="PackageTypes"/>.</summary>
    public required string PackageType { get; init; }

    /// <summary>The interpreters it is for, such as <c>py3</c> or <c>cp312</c>; <c>source</c> for an sdist; empty where it doesn't say.</summary>
    public required string PythonVersion { get; init; }

    /// <summary>What follows the parts, such as <c>.whl</c> or <c>.tar.gz</c>.</summary>
    public required string Extension { get; init; }

    /// <summary>A wheel's build tag; empty where there is none.</summary>
    public string Build { get; init; } = "";

    /// <summary>A wheel's ABI tag; empty for everything else.</summary>
    public string Abi { get; init; } = "";

    /// <summary>The platform, such as <c>manylinux_2_17_x86_64</c> or <c>win32</c>; empty for a file that fits all.</summary>
    public string Platform { get; init; } = "";

    /// <summary>Reads a file's name. False where it is no name of a package, such as of a signature.</summary>
    /// <param name="filename">The name, without a directory.</param>
    /// <param name="parsed">What it tells.</param>
    public static bool TryParse(string filename, [NotNullWhen(true)] out PackageFilename? parsed) =>
        TryParse(filename, project: null, out parsed);

    /// <summary>
    /// Reads a file's name where the project is known: the names of old files may be divided into project and version in several ways.
    /// </summary>
    /// <param name="filename">The name, without a directory.</param>
    /// <param name="project">The project in any spelling; null where it isn't known.</param>
    /// <param name="parsed">What it tells.</param>
    public static bool TryParse(string filename, string? project, [NotNullWhen(true)] out PackageFilename? parsed)
    {
        parsed = null;
        if (string.IsNullOrEmpty(filename) || filename.Length > MaxLength || filename.AsSpan().ContainsAnyExcept(Plain))
        {
            return false;
        }

        parsed =
            Wheel(filename)
            ?? Match(filename, ".egg", Egg(), PackageTypes.Egg)
            ?? Match(filename, ".exe", Installer(), PackageTypes.Wininst)
            ?? Match(filename, ".msi", Installer(), PackageTypes.Msi)
            ?? Match(filename, ".rpm", Rpm(), PackageTypes.Rpm)
            ?? Divided(filename, ".dmg", PackageTypes.Dmg, project)
            ?? Archive(filename, project);
        return parsed is not null && ProjectName.IsValid(parsed.Project);
    }

    /// <summary>Most files are wheels: project, version, perhaps a build tag, interpreter, ABI and platform.</summary>
    private static PackageFilename? Wheel(string filename)
    {
        if (!filename.EndsWith(WheelExtension, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = filename[..^WheelExtension.Length].Split('-');
        return
            parts.Length is not (5 or 6)
            || parts.Any(p => p.Length == 0)
            || (parts.Length == 6 && !char.IsAsciiDigit(parts[2][0]))
            ? null
            : new PackageFilename
            {
                Project = parts[0],
                Version = parts[1],
                PackageType = PackageTypes.Wheel,
                PythonVersion = parts[^3],
                Extension = WheelExtension,
                Build = parts.Length == 6 ? parts[2] : "",
                Abi = parts[^2],
                Platform = parts[^1] == "any" ? "" : parts[^1],
            };
    }

    private static PackageFilename? Match(string filename, string extension, Regex form, string type)
    {
        if (!filename.EndsWith(extension, StringComparison.Ordinal))
        {
            return null;
        }

        var match = form.Match(filename[..^extension.Length]);
        return !match.Success
            ? null
            : new PackageFilename
            {
                Project = match.Groups["name"].Value,
                Version = match.Groups["version"].Value,
                PackageType = type,
                PythonVersion = match.Groups["python"].Value,
                Extension = extension,
                Build = match.Groups["build"].Value,
                Platform = match.Groups["platform"].Value is "noarch" or "src" ? "" : match.Groups["platform"].Value,
            };
    }

    private static PackageFilename? Archive(string filename, string? project)
    {
        var extension = SourceExtensions.FirstOrDefault(e => filename.EndsWith(e, StringComparison.OrdinalIgnoreCase));
        if (extension is null)
        {
            return null;
        }

        // Built by distutils' bdist_dumb: an archive like an sdist, with the platform before its extension.
        return BuiltArchive().Match(filename[..^extension.Length]) is { Success: true } built
            ? Divided(built.Groups["release"].Value, "", PackageTypes.Dumb, project) is { } dumb
                ? dumb with
                {
                    Extension = extension,
                    PythonVersion = "any",
                    Platform = built.Groups["platform"].Value,
                }
                : null
            : Divided(filename, extension, PackageTypes.Source, project);
    }

    private static PackageFilename? Divided(string filename, string extension, string type, string? project)
    {
        if (!filename.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var stem = filename[..^extension.Length];
        var at = Division(stem, project);
        return at <= 0 || at == stem.Length - 1
            ? null
            : new PackageFilename
            {
                Project = stem[..at],
                Version = stem[(at + 1)..],
                PackageType = type,
                PythonVersion = type == PackageTypes.Source ? "source" : "",
                Extension = extension,
            };
    }

    /// <summary>
    /// Where the hyphen between project and version is: behind the project's name where that is known, else before the longest text
    /// that is a version, else before the first that begins like one.
    /// </summary>
    private static int Division(string stem, string? project)
    {
        var known = project is null ? null : ProjectName.Normalize(project);
        int digit = -1,
            version = -1;
        for (var at = stem.IndexOf('-', StringComparison.Ordinal); at > 0; at = stem.IndexOf('-', at + 1))
        {
            if (known is not null && ProjectName.Normalize(stem[..at]) == known)
            {
                return at;
            }

            if (version < 0 && Versions.PythonVersion.TryParse(stem[(at + 1)..], out _))
            {
                version = at;
            }

            if (digit < 0 && at + 1 < stem.Length && char.IsAsciiDigit(stem[at + 1]))
            {
                digit = at;
            }
        }

        return version >= 0 ? version : digit;
    }

    [GeneratedRegex(
        @"\A(?<name>[^-]+)-(?<version>[^-]+)(?:-(?<python>py[^-]+)(?:-(?<platform>.+))?)?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Egg();

    [GeneratedRegex(
        @"\A(?<name>.+?)-(?<version>[0-9][^-]*?)\.(?<platform>win32|win-[a-z0-9]+|linux-[a-z0-9_]+|mingw)(?:-(?<python>py[0-9.]+))?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Installer();

    [GeneratedRegex(
        @"\A(?<name>.+)-(?<version>[^-]+)-(?<build>[^-]+?)\.(?<platform>[^.-]+)\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Rpm();

    [GeneratedRegex(
        @"\A(?<release>.+-.+?)\.(?<platform>(?:linux|macosx|freebsd|openbsd|netbsd|cygwin|solaris|aix|darwin|win|mingw)[-0-9].*)\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex BuiltArchive();
}
