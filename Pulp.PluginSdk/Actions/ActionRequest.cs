using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;

namespace Pulp.PluginSdk.Actions;

/// <summary>The body of an action that takes none.</summary>
public sealed record NoBody;

/// <summary>A call of an action on a kind as a whole.</summary>
/// <typeparam name="TBody">The request's body.</typeparam>
public record KindActionRequest<TBody>
{
    /// <summary>The body, after its fields' own rules.</summary>
    public required TBody Body { get; init; }

    /// <summary>Who calls; null where the policy lets anybody and nobody signed in.</summary>
    public Caller? Caller { get; init; }

    /// <summary>Sends tasks that belong to the caller.</summary>
    public required ITaskDispatcher Tasks { get; init; }

    /// <summary>The database.</summary>
    public required IDb Db { get; init; }

    /// <summary>The services of the request, the plugin's own among them.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The host and port that the request was sent to, as the client wrote them.</summary>
    public required string Host { get; init; }
}

/// <summary>A call of an action on a resource.</summary>
/// <typeparam name="T">The kind's record.</typeparam>
/// <typeparam name="TBody">The request's body.</typeparam>
public record ActionRequest<T, TBody> : KindActionRequest<TBody>
    where T : PulpResource
{
    /// <summary>The resource, as it was when the call began.</summary>
    public required T Resource { get; init; }
}

/// <summary>A call of an action on a repository's version.</summary>
/// <typeparam name="T">The kind of the repository.</typeparam>
/// <typeparam name="TBody">The request's body.</typeparam>
public sealed record VersionActionRequest<T, TBody> : ActionRequest<T, TBody>
    where T : Repository
{
    /// <summary>The version, which is complete.</summary>
    public required RepositoryVersionRef Version { get; init; }
}
