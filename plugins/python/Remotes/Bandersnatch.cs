using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Resources;

namespace PulpPython.Remotes;

/// <summary>What a remote is made of that follows a mirror's configuration.</summary>
public sealed record PythonBanderRemote
{
    /// <summary>The configuration.</summary>
    [Field("A configuration of bandersnatch from which the remote is made.", IsFile = true, WriteOnly = true)]
    public required string Config { get; init; }

    /// <summary>What the remote is to be called.</summary>
    [Field("A unique name for this remote.")]
    public required string Name { get; init; }

    /// <summary>When files are fetched.</summary>
    [Field(
        "When files are downloaded: with the sync, at the first request, or at each request without keeping them.",
        Choices = [DownloadPolicies.Immediate, DownloadPolicies.OnDemand, DownloadPolicies.Streamed]
    )]
    public string Policy { get; init; } = DownloadPolicies.OnDemand;
}

/// <summary>Makes a remote that takes what bandersnatch would mirror by its configuration.</summary>
internal static class Bandersnatch
{
    // What it takes where the file doesn't say.
    private const string DefaultMaster = "https://pypi.org";
    private const long DefaultWorkers = 3;

    public static IRemoteKind<PythonRemote> AddBandersnatch(this IRemoteKind<PythonRemote> remotes) =>
        remotes.KindAction<PythonBanderRemote>(
            "from_bandersnatch",
            "python.add_pythonremote",
            CreateAsync,
            new ActionOptions
            {
                Answers = ActionAnswers.Resource<PythonRemote>(201),
                Summary = "Create from Bandersnatch",
            }
        );

    private static async Task<ActionAnswer> CreateAsync(
        KindActionRequest<PythonBanderRemote> request,
        CancellationToken cancellationToken
    )
    {
        var remote = await request
            .Services.GetRequiredService<IResources>()
            .CreateAsync(Read(request.Body), cancellationToken);
        return ActionAnswer.Show(remote.PulpId);
    }

    /// <exception cref="ValidationException">It is no such configuration.</exception>
    private static PythonRemote Read(PythonBanderRemote wanted)
    {
        var config = IniFile.Parse("config", wanted.Config);
        var enabled = config.Lines("plugins", "enabled");
        return new PythonRemote
        {
            Name = wanted.Name,
            Policy = wanted.Policy,
            Url = config.Value("mirror", "master") ?? DefaultMaster,
            DownloadConcurrency = Number(config.Value("mirror", "workers")) ?? DefaultWorkers,
            Prereleases = !Has("prerelease_release"),
            Includes = List("allowlist", "packages", "allowlist_project", "allowlist_release"),
            Excludes = List("blocklist", "packages", "blocklist_project", "blocklist_release"),
            PackageTypes = List(
                "regex_release_file_metadata",
                "any:release_file.packagetype",
                "regex_release_file_metadata"
            ),
            ExcludePlatforms = List("blocklist", "platforms", "exclude_platform"),
            KeepLatestPackages = Has("latest_release") ? Number(config.Value("latest_release", "keep")) ?? 0 : 0,
        };

        bool Has(params string[] plugins) =>
            enabled.SelectMany(l => l.Split()).Any(p => p == "all" || plugins.Contains(p));

        string List(string section, string option, params string[] plugins) =>
            JsonSerializer.Serialize(Has(plugins) ? config.Lines(section, option) : []);
    }

    private static long? Number(string? text) =>
        text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ValidationException("config", $"'{(text.Length <= 20 ? text : text[..20])}' is no number.");
}
