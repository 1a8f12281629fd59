using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Serving;

/// <summary>The distributions that are served, in memory. For routes of a plugin's own.</summary>
public interface IServed
{
    /// <summary>The paths that clients know distributions by, for those of the ids that are served.</summary>
    /// <param name="distributions">Ids of distributions.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<string>> PathsAsync(
        IReadOnlyCollection<Guid> distributions,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// The distribution of a kind whose base path the path begins with; null when there is none, or it is of another kind. Asks the
    /// database only when a distribution, or what one serves, has changed.
    /// </summary>
    /// <typeparam name="T">The distribution's record.</typeparam>
    /// <param name="path">A base path and whatever follows it, decoded, without a leading slash.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<ServedPath<T>?> FindAsync<T>(string path, CancellationToken cancellationToken)
        where T : Distribution;
}

/// <summary>A path that a distribution serves.</summary>
/// <typeparam name="T">The distribution's record.</typeparam>
public sealed record ServedPath<T>
    where T : Distribution
{
    /// <summary>The distribution's own record.</summary>
    public required T Distribution { get; init; }

    /// <summary>What it serves at this moment.</summary>
    public required IServedDistribution Served { get; init; }

    /// <summary>What follows the base path, without a leading slash; may be empty.</summary>
    public required string Rest { get; init; }
}

/// <summary>
/// What a distribution serves at one moment. When a version, a publication, the distribution itself, its repository or the remote that
/// it names changes, there is another of these.
/// </summary>
public interface IServedDistribution
{
    /// <summary>The plugin's own record, read once.</summary>
    Distribution Distribution { get; }

    /// <summary>
    /// The path that clients know it by: the base path, and before it the domain where addresses name domains, such as
    /// <c>team/app</c>.
    /// </summary>
    string Path { get; }

    /// <summary>The version that is served, or that the served publication is of; null when there is none yet.</summary>
    RepositoryVersionRef? Version { get; }

    /// <summary>The publication that is served; null when there is none, or the kind serves versions.</summary>
    Guid? Publication { get; }

    /// <summary>The units of one kind in the version that is served, in the order of their ids; none without a version.</summary>
    /// <typeparam name="T">The kind.</typeparam>
    /// <param name="where">A condition on the kind's own columns, under the alias <c>d</c>; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<T> ContentAsync<T>(SqlText? where, CancellationToken cancellationToken)
        where T : Content;

    /// <summary>
    /// A value that follows from what is served, such as the parsed index of a version: made when it is asked for first, by one
    /// caller at a time, and kept until another state is served or other memories push it out.
    /// </summary>
    /// <typeparam name="T">The value; it is shared by all callers, so it doesn't change.</typeparam>
    /// <param name="key">Names the value within the distribution; of more than 1,000 characters it isn't kept.</param>
    /// <param name="make">
    /// Makes the value and says about how many bytes it takes. More than a quarter of <c>CONTENT_CACHE_ANSWER_BYTES</c> isn't kept.
    /// What it throws is thrown to all who wait, and not kept. Its token ends when the server stops, not when a caller leaves.
    /// </param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<T> RememberAsync<T>(
        string key,
        Func<CancellationToken, Task<(T Value, long Bytes)>> make,
        CancellationToken cancellationToken
    );
}
