using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Tasks;

/// <summary>
/// The task's name on the wire and in users' databases. It outlives refactoring: arguments that change their meaning need a
/// new name.
/// </summary>
/// <param name="name">Dotted name, in Pulp's manner: <c>pulp_file.app.tasks.synchronizing.synchronize</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PulpTaskAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>Work that a worker does. One instance per run, made by dependency injection.</summary>
/// <typeparam name="TArgs">A record; stored as JSON until the task runs.</typeparam>
public abstract class PulpTask<TArgs>
{
    /// <summary>
    /// Does the work. It is never run twice; what it writes belongs in transactions, so that a kill at any instant leaves
    /// the old state or the new.
    /// </summary>
    /// <param name="args">What dispatch was given.</param>
    /// <param name="task">The running task.</param>
    /// <param name="cancellationToken">Cancelled by the user or by a stopping server.</param>
    /// <returns>The task's <c>result</c>: null, or something that serializes to JSON.</returns>
    public abstract Task<object?> RunAsync(TArgs args, ITaskContext task, CancellationToken cancellationToken);
}

/// <summary>The running task as its code sees it.</summary>
public interface ITaskContext
{
    /// <summary>Id of the task.</summary>
    Guid TaskId { get; }

    /// <summary>The database.</summary>
    IDb Db { get; }

    /// <summary>A clean directory of the task's own, removed afterwards.</summary>
    string WorkingDirectory { get; }

    /// <summary>Sends further tasks, as children of this one.</summary>
    ITaskDispatcher Dispatcher { get; }

    /// <summary>Starts a progress report. It is stored at intervals, not at each step.</summary>
    /// <param name="message">What is counted.</param>
    /// <param name="code">Stable code.</param>
    /// <param name="total">How many there will be, where that is known.</param>
    IProgressReport Progress(string message, string code, long? total = null);

    /// <summary>
    /// Says that something isn't as it should be without failing the task: a line of its progress that is completed, with how often
    /// it was said. Of one task the first 100 different ones are shown, and how many more there were.
    /// </summary>
    /// <param name="code">Stable code, such as <c>sync.project_missing</c>.</param>
    /// <param name="message">A sentence for the user.</param>
    void Warn(string code, string message);

    /// <summary>Records a resource that the task made.</summary>
    /// <param name="href">Its href.</param>
    /// <param name="prn">Its PRN.</param>
    void Created(string href, string prn);
}

/// <summary>
/// One line of a task's progress. One that is not completed when its task ends, because of an error or a cancellation on the way,
/// ends as the task does.
/// </summary>
public interface IProgressReport : IAsyncDisposable
{
    /// <summary>Says that all of it is done: it stays completed whatever becomes of the task.</summary>
    void Complete();

    /// <summary>Adds to what is done; safe from several threads.</summary>
    /// <param name="by">How many.</param>
    void Increment(long by = 1);

    /// <summary>Says how many there will be.</summary>
    /// <param name="total">How many.</param>
    void SetTotal(long total);
}

/// <summary>Sends tasks to the workers.</summary>
public interface ITaskDispatcher
{
    /// <summary>Stores a task; it starts when nothing created earlier and unfinished conflicts with its reservations.</summary>
    /// <typeparam name="TTask">The work.</typeparam>
    /// <typeparam name="TArgs">Its arguments.</typeparam>
    /// <param name="args">The arguments.</param>
    /// <param name="options">Reservations and more.</param>
    /// <param name="cancellationToken">Stops it before the task is stored.</param>
    /// <returns>Id of the task.</returns>
    Task<Guid> SendAsync<TTask, TArgs>(TArgs args, DispatchOptions options, CancellationToken cancellationToken)
        where TTask : PulpTask<TArgs>;

    /// <summary>Sends the task that syncs a repository, as the API does: by the plan of its kind.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="sync">What is asked for.</param>
    /// <param name="cancellationToken">Stops it before the task is stored.</param>
    /// <returns>Id of the task.</returns>
    /// <exception cref="Errors.NotFoundException">There is no such repository within reach.</exception>
    /// <exception cref="Errors.ValidationException">It can't be synced, or not from there.</exception>
    Task<Guid> SyncAsync(Guid repository, SyncRequest sync, CancellationToken cancellationToken);

    /// <summary>Sends the task that publishes a version, as the API does: by the publisher of the publication's kind.</summary>
    /// <param name="version">The version, which is complete.</param>
    /// <param name="publication">The publication's own fields.</param>
    /// <param name="cancellationToken">Stops it before the task is stored.</param>
    /// <returns>Id of the task.</returns>
    /// <exception cref="Errors.NotFoundException">There is no such version within reach.</exception>
    Task<Guid> PublishAsync(Guid version, Publication publication, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a group of tasks, which clients see as one: it tells that all its tasks were sent once <paramref name="send"/> returns.
    /// </summary>
    /// <param name="description">A sentence for the user.</param>
    /// <param name="send">Sends the tasks, each with the group's id as <see cref="DispatchOptions.Group"/>.</param>
    /// <param name="cancellationToken">Stops the sending; what was sent goes on.</param>
    /// <returns>Id of the group.</returns>
    Task<Guid> SendGroupAsync(
        string description,
        Func<Guid, CancellationToken, Task> send,
        CancellationToken cancellationToken
    );

    /// <summary>The task's address in the API.</summary>
    /// <param name="task">Id of the task.</param>
    string Href(Guid task);

    /// <summary>
    /// Waits for a task's end, however it ends. It is for requests: a task that waits for another keeps its worker from running it.
    /// </summary>
    /// <param name="task">Id of the task.</param>
    /// <param name="cancellationToken">Stops the waiting; the task goes on.</param>
    /// <exception cref="Errors.NotFoundException">There is no such task within reach.</exception>
    Task<TaskEnd> FinishedAsync(Guid task, CancellationToken cancellationToken);
}

/// <summary>How a task ended.</summary>
public sealed record TaskEnd
{
    /// <summary><c>completed</c>, <c>failed</c>, <c>canceled</c> or <c>skipped</c>.</summary>
    public required string State { get; init; }

    /// <summary>It did what it was to do.</summary>
    public bool IsCompleted => State == "completed";

    /// <summary>What went wrong, in a sentence; null for a task that completed.</summary>
    public string? Error { get; init; }

    /// <summary>Hrefs of what it made.</summary>
    public IReadOnlyList<string> Created { get; init; } = [];
}

/// <summary>What a task needs beside its arguments.</summary>
public sealed class DispatchOptions
{
    private readonly List<(string Prn, bool Exclusive)> _resources = [];

    internal IReadOnlyList<(string Prn, bool Exclusive)> Resources => _resources;

    /// <summary>The group it belongs to.</summary>
    public Guid? Group { get; init; }

    /// <summary>
    /// Run at once in the calling process when nothing is in the way: only for what is certain to be short and doesn't wait
    /// for anything outside.
    /// </summary>
    public bool Immediate { get; init; }

    /// <summary>Keeps others away from the resource.</summary>
    /// <param name="prn">The resource's PRN, or a name all agree on.</param>
    public DispatchOptions Exclusive(string prn)
    {
        _resources.Add((prn, true));
        return this;
    }

    /// <summary>Keeps those away that want the resource for themselves.</summary>
    /// <param name="prn">The resource's PRN, or a name all agree on.</param>
    public DispatchOptions Shared(string prn)
    {
        _resources.Add((prn, false));
        return this;
    }

    /// <summary>Keeps others away from the resource.</summary>
    /// <param name="kinds">Knows the PRN.</param>
    /// <param name="resource">The resource.</param>
    public DispatchOptions Exclusive(IResourceNames kinds, PulpResource resource)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        return Exclusive(kinds.Prn(resource));
    }
}

/// <summary>Knows how resources are called on the wire.</summary>
public interface IResourceNames
{
    /// <summary><c>prn:app.model:uuid</c>.</summary>
    /// <param name="resource">The resource.</param>
    string Prn(PulpResource resource);

    /// <summary>The path of the resource in the API.</summary>
    /// <param name="resource">The resource.</param>
    string Href(PulpResource resource);
}
