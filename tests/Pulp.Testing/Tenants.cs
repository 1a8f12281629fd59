using NUnit.Framework;
using Pulp.PluginSdk.Testing;

namespace Pulp.Testing;

/// <summary>Two domains for tests: the same names, nothing in common.</summary>
public static class Tenants
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["blue", "red"];

    /// <summary>Makes them.</summary>
    /// <param name="api">An administrator's.</param>
    /// <param name="locationOf">Where a tenant's files go; empty is below the server's own.</param>
    public static async Task MakeAsync(PulpClient api, Func<string, string>? locationOf = null)
    {
        foreach (var tenant in Names)
        {
            var made = await api.PostAsync(
                "domains/",
                new
                {
                    name = tenant,
                    storage_class = "pulpcore.app.models.storage.FileSystem",
                    storage_settings = new { location = locationOf?.Invoke(tenant) ?? "" },
                }
            );
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That(made.Href, Does.StartWith("/pulp/default/api/v3/domains/"));
        }
    }
}
