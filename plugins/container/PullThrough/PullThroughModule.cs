using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Plugin;

namespace PulpContainer.PullThrough;

/// <summary>Caches of other registries: what somebody pulls is fetched, and kept.</summary>
internal static class PullThroughModule
{
    public static void AddPullThrough(this IPluginBuilder plugin) =>
        plugin
            .Services.AddSingleton<PullMemory>()
            .AddSingleton<Turns>()
            .AddScoped<CachedImages>()
            .AddScoped<CachedLists>()
            .AddScoped<CachedSignatures>()
            .AddScoped<CachedUpstreams>()
            .AddScoped<ImageDownloads>();
}
