using System.Text.Json;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using PulpPython.Versions;

namespace PulpPython.Remotes;

/// <summary>Remotes: their kind and its rules.</summary>
internal static class RemotesModule
{
    private static readonly string[] Platforms = ["windows", "macos", "freebsd", "linux"];

    public static IRemoteKind<PythonRemote> AddRemotes(this IPluginBuilder plugin) =>
        plugin
            .Remote<PythonRemote>("python")
            .UsualRoles("change")
            .Field(nameof(Remote.Policy), new FieldChange { Default = DownloadPolicies.OnDemand })
            .Validate(
                (remote, context, _) =>
                {
                    CheckSpecifiers("includes", remote.Includes, context.Errors);
                    CheckSpecifiers("excludes", remote.Excludes, context.Errors);
                    CheckChoices("package_types", remote.PackageTypes, Names.PackageTypes.All, context.Errors);
                    CheckChoices("exclude_platforms", remote.ExcludePlatforms, Platforms, context.Errors);
                    return Task.CompletedTask;
                }
            );

    private static void CheckSpecifiers(string field, string json, ValidationErrors errors)
    {
        foreach (var text in Texts(json).Where(text => !Requirement.TryParse(text, out _)))
        {
            errors.Add(field, $"'{Shorten(text)}' is no specifier of a project, such as 'Django>=5,<6'.");
        }
    }

    private static void CheckChoices(
        string field,
        string json,
        IReadOnlyCollection<string> choices,
        ValidationErrors errors
    )
    {
        foreach (var text in Texts(json).Where(text => !choices.Contains(text)))
        {
            errors.Add(field, $"\"{Shorten(text)}\" is not a valid choice.");
        }
    }

    /// <summary>The field's own rule has seen to it that it is a list of texts; where it found fault the list is empty.</summary>
    private static IReadOnlyList<string> Texts(string json) =>
        json.Length == 0 ? [] : JsonSerializer.Deserialize<List<string>>(json) ?? [];

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
