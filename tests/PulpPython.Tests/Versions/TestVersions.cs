using FsCheck;
using FsCheck.Fluent;
using PulpPython.Versions;

namespace PulpPython.Tests.Versions;

/// <summary>Versions in all spellings, few enough that two of them often are close.</summary>
internal static class TestVersions
{
    public static PythonVersion Version(string text) =>
        PythonVersion.TryParse(text, out var version) ? version : throw new FormatException(text);

    public static Gen<string> Texts(bool withLocal = true) =>
        from epoch in Gen.Elements("", "", "", "0!", "1!")
        from release in Gen.Elements("0", "1", "1.0", "1.0.0", "1.1", "1.1.0", "2", "1.10", "01.1")
        from pre in Gen.Elements("", "", "", "a1", "-alpha", ".b2", "rc1", "c1", "_pre.1", "a10")
        from post in Gen.Elements("", "", "", ".post1", "-1", "-r2", "post", ".post10")
        from dev in Gen.Elements("", "", ".dev1", "dev", "-dev.10")
        from local in Gen.Elements(withLocal ? ["", "", "+1", "+a", "+A.1", "+a-01", "+1.a", "+10"] : new[] { "" })
        select epoch + release + pre + post + dev + local;
}
