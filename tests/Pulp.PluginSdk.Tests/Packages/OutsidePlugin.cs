using System.Diagnostics;

namespace Pulp.PluginSdk.Tests.Packages;

/// <summary>
/// A plugin as somebody else writes it: in a directory of its own, from the packed SDK, with a package that the server doesn't have.
/// Its sources are in <c>Cards</c>, which nothing here compiles.
/// </summary>
internal static class OutsidePlugin
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <PulpPluginLabel>cards</PulpPluginLabel>
            <Version>1.2.3</Version>
            <NoWarn>$(NoWarn);PULPSDK03</NoWarn>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Pulp.PluginSdk" Version="$(SdkVersion)" />
            <PackageReference Include="Microsoft.Extensions.DependencyModel" Version="9.0.19" />
          </ItemGroup>
        </Project>
        """;

    private const string Feeds = """
        <configuration>
          <packageSources>
            <clear />
            <add key="packed" value="feed" />
            <add key="nuget.org" value="https://api.nuget.org/v3/index.json" />
          </packageSources>
          <packageSourceMapping>
            <packageSource key="packed"><package pattern="Pulp.*" /></packageSource>
            <packageSource key="nuget.org"><package pattern="*" /></packageSource>
          </packageSourceMapping>
        </configuration>
        """;

    private static readonly Lazy<Task<string>> Folder = new(BuildAsync);

    /// <summary>The folder of the built plugin; it is built once.</summary>
    public static Task<string> BuiltAsync() => Folder.Value;

    private static async Task<string> BuildAsync()
    {
        var directory = Directory.CreateTempSubdirectory("pulp-outside-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        await File.WriteAllTextAsync(Path.Combine(directory, "Cards.csproj"), Project);
        foreach (var source in Directory.EnumerateFiles(SourceTree.PathOf("tests/Pulp.PluginSdk.Tests/Packages/Cards")))
        {
            File.Copy(source, Path.Combine(directory, Path.GetFileName(source)));
        }

        await File.WriteAllTextAsync(Path.Combine(directory, "nuget.config"), Feeds);
        var sdk = SourceTree.PathOf("Pulp.PluginSdk");
        var version =
            $"{typeof(Plugin.PulpPlugin).Assembly.GetName().Version?.ToString(3)}-outside-{Path.GetFileName(directory)}";
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "";
        await DotnetAsync(
            directory,
            "pack",
            sdk,
            "--no-build",
            // No machine's packages have one of this name: an older SDK of the same version would be taken from there.
            "-p:PackageVersion=" + version,
            "-c",
            configuration,
            "-o",
            Path.Combine(directory, "feed")
        );
        await DotnetAsync(
            directory,
            "build",
            "-p:SdkVersion=" + version,
            // The packed SDK stays out of the machine's packages, which are used as they are.
            "-p:RestorePackagesPath=" + Path.Combine(directory, "packages"),
            "-p:RestoreFallbackFolders=" + Packages,
            "-p:UseSharedCompilation=false"
        );
        return Path.Combine(directory, "bin", "Debug", "net10.0");
    }

    private static string Packages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task DotnetAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet can't be started.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"dotnet {arguments[0]}: {output}{await errors}");
    }
}
