using Pulp.PluginSdk.Models;

namespace PulpContainer.Repositories;

/// <summary>A repository of images: synced, pushed to, or filled by hand.</summary>
public sealed record ContainerRepository : Repository;

/// <summary>The older kind of repository, which clients push to and which nobody makes by itself any more.</summary>
public sealed record ContainerPushRepository : Repository;
