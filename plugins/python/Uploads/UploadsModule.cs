using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Plugin;

namespace PulpPython.Uploads;

/// <summary>Uploads to indexes.</summary>
internal static class UploadsModule
{
    public static void AddUploads(this IPluginBuilder plugin)
    {
        plugin.Settings<UploadSettings>(
            (settings, errors) =>
            {
                if (settings.UploadWindow is < 0 or > 60)
                {
                    errors.Add("upload_window", "It is a number of seconds from 0 to 60.");
                }
            }
        );
        plugin.Services.AddScoped<UploadRoute>().AddScoped<UploadGroups>().AddScoped<PackageStore>();
        plugin.Task<UploadTask>();
    }
}
