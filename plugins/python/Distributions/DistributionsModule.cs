using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;
using PulpPython.Index;

namespace PulpPython.Distributions;

/// <summary>Distributions: each is an index.</summary>
internal static class DistributionsModule
{
    public static IDistributionKind<PythonDistribution> AddDistributions(
        this IPluginBuilder plugin,
        PypiSettings settings
    ) =>
        plugin
            .Distribution<PythonDistribution>("python", "pypi")
            .Serves(Served.Versions | Served.NamedPublications)
            .BaseUrl(
                (distribution, server) => settings.AddressOf(server.Origin, server.DomainPath + distribution.BasePath)
            )
            .AnsweredBy<IndexHandler>()
            .WritingNeeds(PythonRights.SeesRepository, PythonRights.SeesPublication)
            .UsualRoles("change");
}
