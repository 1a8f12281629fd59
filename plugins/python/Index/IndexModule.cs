using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Plugin;

namespace PulpPython.Index;

/// <summary>The pages of indexes, and the routes to them.</summary>
internal static class IndexModule
{
    public static PypiSettings AddIndex(this IPluginBuilder plugin)
    {
        plugin.Settings<PypiSettings>(
            "PYPI_",
            (given, errors) =>
            {
                if (given.ApiHostname.Length > 0 && !Uri.TryCreate(given.ApiHostname, UriKind.Absolute, out _))
                {
                    errors.Add("api_hostname", "It is not an address such as https://pypi.example.com.");
                }
            }
        );
        var settings = plugin.SettingsOf<PypiSettings>();
        plugin
            .Services.AddSingleton<IndexPages>()
            .AddSingleton<ProvenancePages>()
            .AddSingleton<IndexRequests>()
            .AddSingleton<IndexRoutes>();
        plugin.AddIndexRights();
        plugin.Routes(settings.Mount, IndexRoutes.Options, IndexRoutes.Map);
        return settings;
    }
}
