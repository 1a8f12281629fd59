using Pulp.PluginSdk.Plugin;
using PulpPython.Names;

namespace PulpPython.Repositories;

/// <summary>What an entry of a block list has to say: a project, perhaps with a version, or a file.</summary>
internal static class BlocklistRules
{
    public static Task CheckAsync(
        PythonBlocklistEntry entry,
        ValidationContext<PythonBlocklistEntry> context,
        CancellationToken cancellationToken
    )
    {
        if (entry.Name.Length > 0 == entry.Filename.Length > 0)
        {
            context.Errors.Add("Exactly one of 'name' and 'filename' must be specified.");
        }

        if (entry.Name.Length > 0 && !ProjectName.IsValid(entry.Name))
        {
            context.Errors.Add("name", "This is not the name of a project.");
        }

        if (entry.Version.Length > 0 && entry.Name.Length == 0)
        {
            context.Errors.Add("version", "A version needs the name of its project.");
        }

        if (entry.Version.Length > 0 && !Versions.PythonVersion.TryParse(entry.Version, out _))
        {
            context.Errors.Add("version", "This is not a version.");
        }

        return Task.CompletedTask;
    }
}
