using System.Text.Json;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Rights;

/// <summary>A policy as the release has it.</summary>
/// <param name="Name">As Pulp calls it.</param>
/// <param name="Statements">Its statements.</param>
/// <param name="IsScoped">Whether who may not view an object doesn't find it either.</param>
/// <param name="Hooks">Who gets which roles on what is created.</param>
internal sealed record ShippedPolicy(
    string Name,
    IReadOnlyList<AccessStatement> Statements,
    bool IsScoped,
    IReadOnlyList<CreationHook> Hooks
)
{
    public Policy Ready(PolicyReader reader) =>
        new(Name, [.. Statements.Select(s => new Statement(s, reader.Compile(s)))], IsScoped, Hooks);

    /// <summary>The row that stores it.</summary>
    public PolicyRow ToRow() =>
        new()
        {
            ViewsetName = Name,
            Statements = JsonSerializer.Serialize(Statements.Select(Json), WireJson.Options),
            CreationHooks =
                Hooks.Count == 0
                    ? null
                    : JsonSerializer.Serialize(
                        Hooks.Select(h => new { function = h.Function, parameters = new { roles = h.Roles } }),
                        WireJson.Options
                    ),
            QuerysetScoping = IsScoped ? """{"function":"scope_queryset"}""" : null,
        };

    private static Dictionary<string, object> Json(AccessStatement statement)
    {
        var json = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["action"] = statement.Actions,
            ["principal"] = statement.Principals is [var one] ? one : statement.Principals,
            ["effect"] = statement.Denies ? "deny" : "allow",
        };
        if (statement.Conditions.Count > 0)
        {
            json["condition"] = statement.Conditions;
        }

        if (statement.Expressions.Count > 0)
        {
            json["condition_expression"] = statement.Expressions;
        }

        return json;
    }
}

/// <summary>
/// The policies that follow from the operations there are: for each action the standard's statement, or those that its kind declares
/// in its place. What only administrators may do has no policy. Those that are no kind's are as they are written.
/// </summary>
internal sealed class ShippedPolicies(ApiOperations operations, PluginCatalog plugins)
{
    private IReadOnlyList<ShippedPolicy>? _all;

    /// <summary>In the order of their names. Empty in a process that has no API: the database holds them.</summary>
    public IReadOnlyList<ShippedPolicy> All => _all ??= Make();

    private ShippedPolicy[] Make()
    {
        var roles = plugins
            .Plugins.SelectMany(p => p.Roles)
            .Concat(CoreRoles.All)
            .Select(r => r.Name)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. operations
                .All.Select(o => o.Access)
                .OfType<AccessRule.Policy>()
                .Where(rule => rule is { Kind.IsForAdministrators: false, Permission.Length: > 0 })
                .GroupBy(rule => rule.Name, StringComparer.Ordinal)
                .Select(rules => Of(rules.Key, [.. rules], roles))
                .Concat(
                    CorePolicies
                        .All.Concat(plugins.Plugins.SelectMany(p => p.Policies))
                        .Select(own => new ShippedPolicy(own.Name, own.Policy.Statements, IsScoped: false, []))
                )
                .OrderBy(policy => policy.Name, StringComparer.Ordinal),
        ];
    }

    private static ShippedPolicy Of(string name, IReadOnlyList<AccessRule.Policy> rules, IReadOnlySet<string> roles)
    {
        var kind = rules[0].Kind ?? throw new InvalidOperationException($"The policy {name} has no kind.");
        var declared = kind.PolicyNamed(name);
        var own = (declared?.Statements ?? []).SelectMany(s => s.Actions).ToHashSet(StringComparer.Ordinal);
        var standard = rules
            .DistinctBy(rule => rule.Action)
            .Where(rule => !own.Contains(rule.Action))
            .Select(rule => (rule.Action, Conditions: StandardStatement.Conditions(rule)))
            .GroupBy(rule => string.Join(' ', rule.Conditions), StringComparer.Ordinal)
            .Select(same => AccessStatement.Allow([.. same.Select(s => s.Action)], same.First().Conditions));
        return new ShippedPolicy(
            name,
            [.. standard, .. declared?.Statements ?? []],
            name == kind.PolicyName && (declared?.IsScoped ?? true),
            kind.HasRoles && name == kind.PolicyName ? Hooks(kind, declared, roles) : []
        );
    }

    private static CreationHook[] Hooks(ResourceKind kind, AccessPolicy? declared, IReadOnlySet<string> roles)
    {
        var owner = $"{kind.PrnApp}.{kind.ModelName.ToLowerInvariant()}_owner";
        IReadOnlyList<string> given = declared?.CreatorRoles ?? (roles.Contains(owner) ? [owner] : []);
        return given.Count == 0 ? [] : [new CreationHook(CreationHook.ForCreator, given, [])];
    }
}
