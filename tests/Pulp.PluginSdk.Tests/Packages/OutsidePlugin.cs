using System.Diagnostics;

namespace Pulp.PluginSdk.Tests.Packages;

/// <summary>
/// A plugin as somebody else writes it: in a directory of its own, from the packed SDK, with a package that the server doesn't have.
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
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Pulp.PluginSdk" Version="$(SdkVersion)" />
            <PackageReference Include="Microsoft.Extensions.DependencyModel" Version="9.0.19" />
          </ItemGroup>
        </Project>
        """;

    private const string Code = """
        using Microsoft.AspNetCore.Builder;
        using Microsoft.Extensions.DependencyModel;
        using Pulp.PluginSdk.Data;
        using Pulp.PluginSdk.Fields;
        using Pulp.PluginSdk.Migrations;
        using Pulp.PluginSdk.Models;
        using Pulp.PluginSdk.Plugin;

        namespace Cards;

        public sealed class CardsPlugin : PulpPlugin
        {
            public override void Configure(IPluginBuilder plugin)
            {
                plugin.Content<Card>("card", "cards");
                plugin.Remote<CardRemote>("card");
                plugin.Repository<CardRepository>("card").Holds<Card>();
                plugin.Distribution<CardDistribution>("card");
                plugin.Migrations(new M0001Cards());
                plugin.Settings<Deck>("", (deck, errors) => { if (deck.DeckSize < 1) errors.Add("DECK_SIZE", "There is no card."); });
                plugin.Routes("/cards/", new Pulp.PluginSdk.Serving.MountOptions(), routes => routes.MapGet("fallbacks", () => new RuntimeFallbacks("cards", "clubs").Fallbacks).AllowAnonymous());
            }
        }

        public sealed class Deck
        {
            public int DeckSize { get; set; } = 52;
        }

        [Unique(nameof(Title))]
        public sealed record Card : Content
        {
            [Field("The card's title.", Filter = Lookups.Text)]
            public required string Title { get; init; }
        }

        public sealed record CardRemote : Remote;

        public sealed record CardRepository : Repository;

        public sealed record CardDistribution : Distribution;

        internal sealed class M0001Cards() : Migration(1, "cards")
        {
            public override void Up(SchemaBuilder schema)
            {
                schema.CreateDetailTable("cards_card", "core_content").WithColumn("title", ColumnType.Text).UniqueInDomain("title");
                schema.CreateDetailTable("cards_cardremote", "core_remote");
                schema.CreateDetailTable("cards_cardrepository", "core_repository");
                schema.CreateDetailTable("cards_carddistribution", "core_distribution");
            }
        }
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
        await File.WriteAllTextAsync(Path.Combine(directory, "Cards.cs"), Code);
        await File.WriteAllTextAsync(Path.Combine(directory, "nuget.config"), Feeds);
        var sdk = SourceTree.PathOf("Pulp.PluginSdk");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "";
        await DotnetAsync(
            directory,
            "pack",
            sdk,
            "--no-build",
            "-c",
            configuration,
            "-o",
            Path.Combine(directory, "feed")
        );
        await DotnetAsync(
            directory,
            "build",
            "-p:SdkVersion=" + typeof(Plugin.PulpPlugin).Assembly.GetName().Version?.ToString(3),
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
