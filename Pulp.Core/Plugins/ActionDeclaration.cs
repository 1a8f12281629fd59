using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Plugins;

/// <summary>What an action is done to.</summary>
internal enum ActionTarget
{
    Resource,
    Kind,
    Version,
}

/// <summary>An action as it was declared.</summary>
internal sealed record ActionDeclaration
{
    public required ActionTarget Target { get; init; }

    public required string Verb { get; init; }

    public required string Permission { get; init; }

    public required Type Body { get; init; }

    public required ActionOptions Options { get; init; }

    public Func<ActionCall, CancellationToken, Task<ActionAnswer>> Run { get; init; } =
        (_, _) => throw new InvalidOperationException("The action does nothing.");

    /// <exception cref="InvalidOperationException">It can't be called like this.</exception>
    public static ActionDeclaration Of<TBody>(
        ActionTarget target,
        string verb,
        string permission,
        ActionOptions? options
    )
    {
        var chosen = options ?? new ActionOptions();
        if (verb.Length == 0 || verb.Any(c => !char.IsAsciiLetterLower(c) && c != '_'))
        {
            throw new InvalidOperationException($"The action '{verb}' is to be small letters and '_'.");
        }

        if (chosen.IsGet && typeof(TBody) != typeof(NoBody))
        {
            throw new InvalidOperationException($"The action '{verb}' is a GET, and takes no body.");
        }

        return new ActionDeclaration
        {
            Target = target,
            Verb = verb,
            Permission = permission,
            Body = typeof(TBody),
            Options = chosen,
        };
    }
}

/// <summary>A call of an action, whatever its types.</summary>
internal sealed record ActionCall
{
    public PulpResource? Resource { get; init; }

    public RepositoryVersionRef? Version { get; init; }

    public required object Body { get; init; }

    public Caller? Caller { get; init; }

    public required ITaskDispatcher Tasks { get; init; }

    public required IDb Db { get; init; }

    public required IServiceProvider Services { get; init; }

    public required string Host { get; init; }
}
