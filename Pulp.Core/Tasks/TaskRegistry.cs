using System.Reflection;
using System.Text.Json;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>The tasks this process can run, by their names in the database.</summary>
internal sealed class TaskRegistry
{
    private readonly Dictionary<string, TaskType> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, TaskType> _byType = [];

    public TaskRegistry(ModuleCatalog modules)
    {
        foreach (var (task, name) in modules.Tasks)
        {
            Add(name ?? NameOf(task), task);
        }
    }

    private static string NameOf(Type task) =>
        task.GetCustomAttribute<PulpTaskAttribute>()?.Name
        ?? throw new InvalidOperationException($"{task.Name} needs a [PulpTask] name.");

    /// <summary>Adds a task class under a name; one class may have several, as sync and publish do.</summary>
    private void Add(string name, Type task)
    {
        var type = new TaskType(name, task);
        if (!_byName.TryAdd(name, type))
        {
            throw new InvalidOperationException($"Two tasks are called {name}.");
        }

        _byType.TryAdd(task, type);
    }

    public TaskType? Find(string name) => _byName.GetValueOrDefault(name);

    public string NameOf<TTask>() =>
        _byType.TryGetValue(typeof(TTask), out var type)
            ? type.Name
            : throw new InvalidOperationException($"{typeof(TTask).Name} isn't registered as a task.");
}

/// <summary>A task class, ready to run from stored arguments.</summary>
internal sealed class TaskType
{
    private readonly Type _task;
    private readonly IRunner _runner;

    public TaskType(string name, Type task)
    {
        Name = name;
        _task = task;
        var contract = task;
        while (
            contract is not null
            && !(contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(PulpTask<>))
        )
        {
            contract = contract.BaseType;
        }

        var args =
            contract?.GetGenericArguments()[0] ?? throw new InvalidOperationException($"{task.Name} is no PulpTask.");
        _runner =
            (IRunner?)Activator.CreateInstance(typeof(Runner<>).MakeGenericType(args))
            ?? throw new InvalidOperationException($"{task.Name} can't be run.");
    }

    public string Name { get; }

    public Task<object?> RunAsync(
        IServiceProvider services,
        string argsJson,
        ITaskContext context,
        CancellationToken cancellationToken
    ) => _runner.RunAsync(ActivatorUtilities.CreateInstance(services, _task), argsJson, context, cancellationToken);

    private interface IRunner
    {
        Task<object?> RunAsync(object task, string argsJson, ITaskContext context, CancellationToken cancellationToken);
    }

    private sealed class Runner<TArgs> : IRunner
    {
        public Task<object?> RunAsync(
            object task,
            string argsJson,
            ITaskContext context,
            CancellationToken cancellationToken
        )
        {
            var args =
                JsonSerializer.Deserialize<TArgs>(argsJson, WireJson.Options)
                ?? throw new InvalidOperationException("The task's arguments are missing.");
            return ((PulpTask<TArgs>)task).RunAsync(args, context, cancellationToken);
        }
    }
}
