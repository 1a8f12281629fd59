using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Plugin;

namespace PulpPython.PullThrough;

/// <summary>Indexes with a remote ask that for what they haven't.</summary>
internal static class PullThroughModule
{
    public static void AddPullThrough(this IPluginBuilder plugin) =>
        plugin
            .Services.AddSingleton<UpstreamPages>()
            .AddSingleton<UpstreamIndexes>()
            .AddSingleton<MergedIndex>()
            .AddScoped<UpstreamFiles>();
}
