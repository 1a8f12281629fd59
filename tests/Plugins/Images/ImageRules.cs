using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Plugin;

namespace Pulp.TestPlugins.Images;

/// <summary>What can be asked of images' resources, and what they have to keep to.</summary>
internal static class ImageRules
{
    /// <summary>Repositories that are served at a path, as clients know it.</summary>
    /// <exception cref="ValidationException">No image can be there.</exception>
    public static SqlText ServedAt(string path) =>
        IsPath(path)
            ? (SqlText)
                $"exists (select 1 from core_distribution x where x.repository_id = m.pulp_id and x.base_path = {path})"
            : throw new ValidationException("served_at", "Images are at paths in small letters.");

    /// <summary>Images are pulled by paths in small letters, and from nothing but repositories of images.</summary>
    public static async Task CheckAsync(
        ImageDistribution distribution,
        ValidationContext<ImageDistribution> context,
        CancellationToken cancellationToken
    )
    {
        if (!IsPath(distribution.BasePath))
        {
            context.Errors.Add("base_path", "Images are at paths in small letters.");
        }

        if (context.Current is { } current && current.BasePath != distribution.BasePath)
        {
            context.Errors.Add("base_path", "Clients know the images by this path.");
        }

        var type = await context.Db.FirstOrDefaultAsync<string>(
            $"select pulp_type from core_repository where pulp_id = {distribution.Repository}",
            cancellationToken
        );
        if (type is not (null or "images.image" or "images.push"))
        {
            context.Errors.Add("repository", "This repository doesn't hold images.");
        }
    }

    private static bool IsPath(string path) => path.Length > 0 && !path.Any(c => char.IsUpper(c) || c == ' ');
}
