namespace PulpPython.Names;

/// <summary>What kinds of files a release may have, as PyPI calls them.</summary>
public static class PackageTypes
{
    /// <summary>A disk image of macOS.</summary>
    public const string Dmg = "bdist_dmg";

    /// <summary>An archive that is unpacked over the file system.</summary>
    public const string Dumb = "bdist_dumb";

    /// <summary>An egg of setuptools.</summary>
    public const string Egg = "bdist_egg";

    /// <summary>A package of Windows Installer.</summary>
    public const string Msi = "bdist_msi";

    /// <summary>A package of RPM.</summary>
    public const string Rpm = "bdist_rpm";

    /// <summary>A wheel (PEP 427).</summary>
    public const string Wheel = "bdist_wheel";

    /// <summary>An installer for Windows, made by distutils.</summary>
    public const string Wininst = "bdist_wininst";

    /// <summary>The source (PEP 517, PEP 625).</summary>
    public const string Source = "sdist";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Dmg, Dumb, Egg, Msi, Rpm, Wheel, Wininst, Source];
}
