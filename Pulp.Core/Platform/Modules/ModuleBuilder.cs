using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Platform.Modules;

/// <summary>Takes what a module adds.</summary>
internal sealed class ModuleBuilder(IServiceCollection services, PulpSettings settings, ModuleCatalog catalog)
{
    public IServiceCollection Services => services;

    public PulpSettings Settings => settings;

    /// <summary>A kind of resource.</summary>
    public ModuleBuilder Kind(ResourceKind kind)
    {
        catalog.Kinds.Add(kind);
        return this;
    }

    /// <summary>A kind that a module before this one added.</summary>
    public ResourceKind KindOf(Type record) => catalog.Kinds.First(kind => kind.Record == record);

    /// <summary>Operations that belong to no kind of resource.</summary>
    public ModuleBuilder Operations<T>()
        where T : class, IOperations
    {
        services.AddSingleton<T>();
        catalog.Operations.Add(provider => provider.GetRequiredService<T>());
        return this;
    }

    /// <summary>A task under the name that its attribute says.</summary>
    public ModuleBuilder Task<T>()
        where T : class => Task(typeof(T), name: null);

    /// <summary>A task; under another name than its attribute says where one class serves several.</summary>
    public ModuleBuilder Task(Type task, string? name)
    {
        catalog.Tasks.Add((task, name));
        return this;
    }

    /// <summary>A service that runs in the background of processes with the role; of all where none is named.</summary>
    public ModuleBuilder Background<T>(string? role = null)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        if (role is null || settings.Roles.Contains(role))
        {
            services.AddHostedService(provider => provider.GetRequiredService<T>());
        }

        return this;
    }

    /// <summary>A channel on which processes tell each other what happened (<see cref="Signals"/>).</summary>
    public ModuleBuilder Channel(string name)
    {
        catalog.Channels.Add(name);
        return this;
    }

    /// <summary>Routes outside the REST API, below a path of their own.</summary>
    public ModuleBuilder Routes(MountedRoute routes)
    {
        var taken = catalog.Routes.Select(r => r.Mount).ToHashSet(StringComparer.Ordinal);
        if (MountPath.Fault(routes.Mount, taken, settings) is { } fault)
        {
            throw new InvalidOperationException($"A module's {fault}.");
        }

        catalog.Routes.Add(routes with { Mount = routes.Mount.TrimEnd('/') });
        return this;
    }
}

/// <summary>What all modules of the process added.</summary>
internal sealed class ModuleCatalog
{
    public List<ResourceKind> Kinds { get; } = [];

    public List<string> Channels { get; } = [];

    public List<Func<IServiceProvider, IOperations>> Operations { get; } = [];

    public List<(Type Task, string? Name)> Tasks { get; } = [];

    public List<MountedRoute> Routes { get; } = [];
}

/// <summary>Routes below one path.</summary>
/// <param name="Mount">The path, with a slash at its beginning and none at its end.</param>
/// <param name="Options">What holds for all of them.</param>
/// <param name="Map">Adds them.</param>
internal sealed record MountedRoute(string Mount, MountOptions Options, Action<IEndpointRouteBuilder> Map)
{
    /// <summary>The component whose they are.</summary>
    public string Component { get; init; } = "core";
}
