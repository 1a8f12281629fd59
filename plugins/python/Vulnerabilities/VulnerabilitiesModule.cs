using Pulp.PluginSdk.Plugin;

namespace PulpPython.Vulnerabilities;

/// <summary>Scans of versions for known vulnerabilities.</summary>
internal static class VulnerabilitiesModule
{
    public static void AddVulnerabilities(this IPluginBuilder plugin)
    {
        plugin.Settings<OsvSettings>(
            (settings, errors) =>
            {
                if (!settings.IsUsable())
                {
                    errors.Add("osv_url", "It is neither the address of an OSV service nor the path of a file.");
                }
            }
        );
        plugin.Task<ScanTask>();
    }
}
