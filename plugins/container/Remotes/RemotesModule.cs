using System.Text.Json;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using PulpContainer.Names;
using PulpContainer.Upstreams;

namespace PulpContainer.Remotes;

/// <summary>Remotes: their kinds and rules.</summary>
internal static class RemotesModule
{
    private const int LongestPattern = 255;

    public static void AddRemotes(this IPluginBuilder plugin)
    {
        plugin
            .Remote<ContainerRemote>("container")
            .AuthorizedBy<RegistryAuthorization>()
            .Validate(
                (remote, context, _) =>
                {
                    CheckName(remote.UpstreamName, context.Errors);
                    CheckPatterns("includes", remote.Includes, context.Errors);
                    CheckPatterns("excludes", remote.Excludes, context.Errors);
                    CheckPatterns("include_tags", remote.IncludeTags, context.Errors);
                    CheckPatterns("exclude_tags", remote.ExcludeTags, context.Errors);
                    return Task.CompletedTask;
                }
            );
        plugin
            .Remote<ContainerPullThroughRemote>("pull-through")
            .AuthorizedBy<RegistryAuthorization>()
            .Field(nameof(Remote.Policy), new FieldChange { Default = DownloadPolicies.OnDemand })
            .Validate(
                (remote, context, _) =>
                {
                    CheckPatterns("includes", remote.Includes, context.Errors);
                    CheckPatterns("excludes", remote.Excludes, context.Errors);
                    return Task.CompletedTask;
                }
            );
    }

    private static void CheckName(string name, ValidationErrors errors)
    {
        if (!ImageName.IsName(name))
        {
            errors.Add("upstream_name", "This is not the name of a repository, such as library/busybox.");
        }
    }

    private static void CheckPatterns(string field, string? json, ValidationErrors errors)
    {
        // The field's own rule has seen to it that it is a list of texts.
        var patterns = string.IsNullOrEmpty(json) ? [] : JsonSerializer.Deserialize<List<string>>(json) ?? [];
        if (patterns.Any(p => p.Length is 0 or > LongestPattern))
        {
            errors.Add(field, $"Each has between 1 and {LongestPattern} characters.");
        }
    }
}
