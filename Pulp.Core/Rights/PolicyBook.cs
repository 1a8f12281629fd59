using System.Collections.Frozen;
using System.Text.Json;

namespace Pulp.Core.Rights;

/// <summary>The policies in force, ready to be asked: as they are stored, or else as they are shipped.</summary>
internal sealed partial class PolicyBook(
    PolicyReader reader,
    ShippedPolicies shipped,
    AccessMemory memory,
    ILogger<PolicyBook> logger
)
{
    private volatile Loaded? _loaded;

    /// <summary>The policy of a name; where none is stored and none is shipped, administrators alone may.</summary>
    public async ValueTask<(Policy Policy, AccessState State)> OfAsync(string name, CancellationToken cancellationToken)
    {
        var state = await memory.CurrentAsync(cancellationToken);
        return (Of(state).GetValueOrDefault(name) ?? Policy.ForAdministrators(name), state);
    }

    public ValueTask<AccessState> StateAsync(CancellationToken cancellationToken) =>
        memory.CurrentAsync(cancellationToken);

    /// <summary>All policies of a state, by name.</summary>
    public IReadOnlyDictionary<string, Policy> Of(AccessState state)
    {
        if (_loaded is { } known && ReferenceEquals(known.State, state))
        {
            return known.Policies;
        }

        var policies = shipped.All.ToDictionary(p => p.Name, p => p.Ready(reader), StringComparer.Ordinal);
        foreach (var row in state.Policies)
        {
            policies[row.ViewsetName] = Read(row);
        }

        var loaded = new Loaded(state, policies.ToFrozenDictionary(StringComparer.Ordinal));
        _loaded = loaded;
        return loaded.Policies;
    }

    /// <summary>
    /// A stored policy. What was checked when it was written may have stopped making sense, such as a condition of a plugin that is
    /// gone: then administrators alone may.
    /// </summary>
    private Policy Read(PolicyRow row)
    {
        try
        {
            using var statements = JsonDocument.Parse(row.Statements);
            using var hooks = JsonDocument.Parse(row.CreationHooks ?? "null");
            using var scoping = JsonDocument.Parse(row.QuerysetScoping ?? "null");
            var (read, faults) = reader.Statements(statements.RootElement);
            return faults.Count > 0
                ? throw new FormatException(faults[0])
                : new Policy(
                    row.ViewsetName,
                    read,
                    PolicyReader.Scoping(scoping.RootElement),
                    PolicyReader.Hooks(hooks.RootElement)
                );
        }
        catch (FormatException fault)
        {
            LogUnusable(logger, row.ViewsetName, fault.Message);
            return Policy.ForAdministrators(row.ViewsetName);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The access policy {Name} can't be used, and only administrators may do what it is about: {Fault}"
    )]
    private static partial void LogUnusable(ILogger logger, string name, string fault);

    private sealed record Loaded(AccessState State, FrozenDictionary<string, Policy> Policies);
}
