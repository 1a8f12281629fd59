using System.Text.RegularExpressions;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Rights;

namespace Pulp.Core.Access;

/// <summary>
/// Looks at the start through what plugins declare of access: what is misspelt there would look like a refusal for ever.
/// </summary>
internal sealed partial class AccessCheck(
    PluginCatalog plugins,
    PermissionCatalog permissions,
    Conditions conditions,
    ResourceRegistry registry
)
{
    private static readonly string[] StandardActions =
    [
        .. "* list retrieve create update partial_update destroy metadata set_label unset_label upload".Split(' '),
        .. "sync modify refresh repair my_permissions list_roles add_role remove_role <safe_methods>".Split(' '),
    ];

    /// <summary>What doesn't make sense, in one line each.</summary>
    public IReadOnlyList<string> Faults()
    {
        var policies = registry
            .All.Select(k => k.PolicyName)
            .Concat(CorePolicies.All.Select(p => p.Name))
            .ToHashSet(StringComparer.Ordinal);
        return [.. plugins.Plugins.SelectMany(plugin => Faults(plugin, policies))];
    }

    /// <param name="plugin">The plugin.</param>
    /// <param name="taken">Names of policies that there are; those of the plugin's own come to them.</param>
    private IEnumerable<string> Faults(PluginDeclarations plugin, HashSet<string> taken)
    {
        var app = plugin.Identity.AppLabel;
        IEnumerable<string> Own(string what, string permission) =>
            !permission.StartsWith(app + ".", StringComparison.Ordinal) || !Shape().IsMatch(permission)
                ? [$"{what}: '{permission}' isn't in the format '{app}.<codename>'."]
            : permissions.Knows(permission) ? []
            : [$"{what}: there is no permission '{permission}'; a kind has to declare it."];

        // What is asked for or given may be the server's, too.
        IEnumerable<string> Named(string what, string permission) =>
            !permission.StartsWith("core.", StringComparison.Ordinal) ? Own(what, permission)
            : permissions.Knows(permission) ? []
            : [$"{what}: the server has no permission '{permission}'."];

        foreach (var kind in plugin.Kinds)
        {
            var name = $"{app}.{kind.Record.Name}";
            foreach (
                var fault in kind
                    .Permissions.SelectMany(p => Own(name, p))
                    .Concat(kind.Actions.SelectMany(a => Named(name, a.Permission)))
                    .Concat(Faults(name, kind.Policy, ActionsOf(kind, kind.Policy), app, Named))
                    .Concat(
                        Faults($"{name} versions", kind.VersionPolicy, ActionsOf(kind, kind.VersionPolicy), app, Named)
                    )
            )
            {
                yield return fault;
            }
        }

        foreach (var own in plugin.Policies)
        {
            if (!PolicyName().IsMatch(own.Name) || !taken.Add(own.Name))
            {
                yield return $"The policy '{own.Name}' needs a name of its own: small letters, digits, '-', '_' and '/'.";
            }

            foreach (var fault in Faults(own.Name, own.Policy, actions: null, app, Named))
            {
                yield return fault;
            }
        }

        foreach (var role in plugin.Roles)
        {
            if (!role.Name.StartsWith(app + ".", StringComparison.Ordinal))
            {
                yield return $"The role {role.Name}: its name has to begin with '{app}.'.";
            }

            foreach (var fault in role.Permissions.SelectMany(p => Named($"The role {role.Name}", p)))
            {
                yield return fault;
            }
        }
    }

    private static HashSet<string> ActionsOf(KindDeclaration kind, AccessPolicy? policy) =>
        [.. StandardActions, .. kind.Actions.Select(a => a.Verb), .. policy?.OtherActions ?? []];

    /// <param name="name">Whose policy it is.</param>
    /// <param name="policy">The policy; null where nothing is declared.</param>
    /// <param name="actions">What may be named; null where the policy says by itself what there is.</param>
    /// <param name="app">The plugin's label.</param>
    /// <param name="named">What is wrong with a permission that is named.</param>
    private IEnumerable<string> Faults(
        string name,
        AccessPolicy? policy,
        IReadOnlyCollection<string>? actions,
        string app,
        Func<string, string, IEnumerable<string>> named
    )
    {
        if (policy is null)
        {
            yield break;
        }

        foreach (var statement in policy.Statements)
        {
            foreach (
                var action in statement.Actions.Where(a =>
                    actions is not null && !actions.Contains(a) && !Method().IsMatch(a)
                )
            )
            {
                yield return $"{name}: its policy speaks of an action '{action}' that isn't there.";
            }

            foreach (var principal in statement.Principals.Where(p => !Principal().IsMatch(p)))
            {
                yield return $"{name}: its policy speaks of a principal '{principal}' that nobody can be.";
            }

            foreach (var condition in statement.Conditions)
            {
                if (Fault(condition, conditions.Find) is { } fault)
                {
                    yield return $"{name}: its policy has a condition '{condition}': {fault}";
                }

                // Of another plugin, which may not be there, only the format is known.
                var argument = condition[(condition.IndexOf(':', StringComparison.Ordinal) + 1)..];
                foreach (
                    var misspelt in argument
                        .Split(',')
                        .Where(p =>
                            p.StartsWith(app + ".", StringComparison.Ordinal)
                            || p.StartsWith("core.", StringComparison.Ordinal)
                        )
                        .SelectMany(p => named(name, p))
                )
                {
                    yield return misspelt;
                }
            }

            foreach (var expression in statement.Expressions)
            {
                if (Fault(expression, text => ConditionExpression.Parse(text, conditions.Find)) is { } fault)
                {
                    yield return $"{name}: its policy has an expression '{expression}': {fault}";
                }
            }
        }
    }

    /// <summary>Why a text is no condition; null where it is one.</summary>
    private static string? Fault(string text, Func<string, Condition> find)
    {
        try
        {
            find(text);
            return null;
        }
        catch (FormatException fault)
        {
            return fault.Message;
        }
    }

    [GeneratedRegex("^[a-z0-9_-]+(/[a-z0-9_-]+)*$")]
    private static partial Regex PolicyName();

    [GeneratedRegex(@"^[a-z0-9_]+\.[a-z0-9_]+$")]
    private static partial Regex Shape();

    [GeneratedRegex("^<method:(get|head|options|post|put|patch|delete)>$")]
    private static partial Regex Method();

    [GeneratedRegex(@"^(\*|authenticated|anonymous|admin|staff|id:\d+|group:.+)$")]
    private static partial Regex Principal();
}
