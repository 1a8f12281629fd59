using Pulp.Core.Platform.Changes;

namespace Pulp.Core.Repositories;

/// <summary>What it takes to make versions.</summary>
internal sealed record VersionServices(
    RepositoryKeys Keys,
    VersionRetention Retention,
    ServingChanges Stamp,
    TimeProvider Clock
);
