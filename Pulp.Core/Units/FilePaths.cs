using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Units;

/// <summary>Where the files of units may lie below whatever serves them.</summary>
internal static class FilePaths
{
    /// <exception cref="ValidationException">A file's path isn't relative, or climbs.</exception>
    public static void RefuseUnsafe(IEnumerable<DeclaredContent> declared)
    {
        foreach (var file in declared.SelectMany(d => d.Artifacts))
        {
            if (!RelativePaths.IsSafe(file.RelativePath))
            {
                throw new ValidationException(
                    "relative_path",
                    $"'{RelativePaths.Shorten(file.RelativePath)}' is not an allowed path: it must be relative and may not climb."
                );
            }
        }
    }
}
