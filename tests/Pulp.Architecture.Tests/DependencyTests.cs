using System.Xml.Linq;
using NUnit.Framework;

namespace Pulp.Architecture.Tests;

/// <summary>Dependencies point one way. This is the table of docs/architecture.md as code.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Pulp.PluginSdk"] = [],
        ["Pulp.PluginSdk.Testing"] = ["Pulp.PluginSdk", "NUnit", "Npgsql"],
        ["Pulp.Core"] =
        [
            "Pulp.PluginSdk",
            "Dapper",
            "Npgsql",
            "Microsoft.Data.Sqlite.Core",
            "SQLitePCLRaw.core",
            "SQLitePCLRaw.provider.e_sqlite3",
            "SQLitePCLRaw.lib.e_sqlite3",
            "Microsoft.Diagnostics.NETCore.Client",
            "Polly.Core",
            "Microsoft.IdentityModel.JsonWebTokens",
            "System.DirectoryServices.Protocols",
            "YamlDotNet",
        ],
        ["Pulp.Migrations"] = ["Pulp.PluginSdk"],
        ["Pulp.Host"] = ["Pulp.Core", "Pulp.PluginSdk", "Pulp.Migrations", "System.CommandLine"],
        ["PulpFile"] = ["Pulp.PluginSdk"],
        ["PulpPython"] = ["Pulp.PluginSdk", "SharpZipLib"],
        ["PulpContainer"] = ["Pulp.PluginSdk"],
    };

    private static string Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Pulp.slnx")))
            {
                directory =
                    directory.Parent ?? throw new InvalidOperationException("Pulp.slnx isn't found above the tests.");
            }

            return directory.FullName;
        }
    }

    private static IEnumerable<string> Projects() =>
        Directory
            .EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
            .Where(p =>
                !p.Contains("/tests/", StringComparison.Ordinal) && !p.Contains("/bench/", StringComparison.Ordinal)
            )
            .Select(p => Path.GetRelativePath(Root, p));

    [TestCaseSource(nameof(Projects))]
    public void A_project_refers_only_to_what_the_table_allows(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var document = XDocument.Load(Path.Combine(Root, project));
        var references = document
            .Descendants()
            .Where(e =>
                e.Name.LocalName is "ProjectReference" or "PackageReference"
                && (string?)e.Attribute("ReferenceOutputAssembly") != "false"
            )
            .Select(e => Path.GetFileNameWithoutExtension(Named((string?)e.Attribute("Include") ?? "")));

        Assert.That(Allowed, Contains.Key(name), $"{project} isn't in the table");
        Assert.That(references.Except(Allowed[name]), Is.Empty);
    }

    /// <summary>A package's name has dots too: only a project's ends with its extension.</summary>
    private static string Named(string include) =>
        include.EndsWith(".csproj", StringComparison.Ordinal) ? include : include + ".package";

    [Test]
    public void No_file_grows_past_what_one_reader_holds()
    {
        var long_ = Directory
            .EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
            .Where(f =>
                !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)
            )
            .Where(f => File.ReadLines(f).Count() > (f.Contains("/tests/", StringComparison.Ordinal) ? 500 : 450))
            .Select(f => Path.GetRelativePath(Root, f));

        Assert.That(long_, Is.Empty);
    }
}
