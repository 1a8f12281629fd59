using System.Text.Json;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Policies;

/// <summary>Refuses what of an access policy can't work: what nobody would notice before somebody is let in, or kept out.</summary>
internal sealed class PolicyRules(
    PolicyReader reader,
    PermissionCatalog permissions,
    AccessMemory memory,
    ApiOperations operations,
    ShippedPolicies shipped,
    ResourceRegistry registry
)
{
    public async Task CheckAsync(ChangeInput input, CancellationToken cancellationToken)
    {
        if (input.Current is not AccessPolicyRecord current)
        {
            return;
        }

        var statements = CheckStatements(input, current.ViewsetName);
        CheckConditions(input, statements, KindOf(current.ViewsetName));
        await CheckHooksAsync(input, current.ViewsetName, cancellationToken);
        CheckScoping(input);
    }

    private IReadOnlyList<Statement> CheckStatements(ChangeInput input, string policy)
    {
        if (Given(input, nameof(AccessPolicyRecord.Statements)) is not { } json)
        {
            return [];
        }

        var (statements, faults) = reader.Statements(json);
        foreach (var fault in faults)
        {
            input.Errors.Add("statements", fault);
        }

        var actions = ActionsOf(policy);
        foreach (var action in statements.SelectMany(s => s.Source.Actions).Where(a => !IsKnown(a, actions)).Distinct())
        {
            input.Errors.Add("statements", $"There is no action '{FilterInput.Shorten(action)}' on '{policy}'.");
        }

        return statements;
    }

    /// <summary>Actions of the policy's operations, and those that its kind asks about itself.</summary>
    private HashSet<string> ActionsOf(string policy) =>
        [
            "metadata",
            "update",
            .. operations
                .All.Select(o => o.Access)
                .OfType<AccessRule.Policy>()
                .Where(r => r.Name == policy)
                .Select(r => r.Action),
            .. shipped.All.Where(p => p.Name == policy).SelectMany(p => p.Statements).SelectMany(s => s.Actions),
        ];

    private static bool IsKnown(string action, HashSet<string> actions) =>
        action is "*" || action.StartsWith('<') || actions.Contains(action);

    private ResourceKind? KindOf(string policy) => registry.All.FirstOrDefault(k => k.PolicyName == policy);

    private void CheckConditions(ChangeInput input, IReadOnlyList<Statement> statements, ResourceKind? kind)
    {
        var named = statements
            .SelectMany(s => s.Source.Conditions.Concat(s.Source.Expressions.SelectMany(ConditionExpression.Operands)))
            .Select(c => c.Split(':', 2))
            .Where(c => c.Length == 2)
            .SelectMany(c => c[1].Split(',').Select(permission => (Function: c[0], Permission: permission)))
            // A plugin's condition may take anything.
            .Where(c => Conditions.IsPermission(c.Permission))
            .Distinct();
        foreach (var (function, permission) in named)
        {
            if (!permissions.Knows(permission))
            {
                input.Errors.Add("statements", $"Permission '{FilterInput.Shorten(permission)}' does not exist.");
            }
            else if (
                Conditions.AsksObjectAlone(function)
                && kind is not null
                && !permissions.IsAbout(permission, kind)
                && (kind.Parent is not { } parent || !permissions.IsAbout(permission, parent.Kind))
            )
            {
                // Nobody can hold it there.
                input.Errors.Add(
                    "statements",
                    $"Permission '{permission}' isn't about objects of '{kind.PolicyName}'."
                );
            }
        }
    }

    private async Task CheckHooksAsync(ChangeInput input, string policy, CancellationToken cancellationToken)
    {
        if (Given(input, nameof(AccessPolicyRecord.CreationHooks)) is not { } json)
        {
            return;
        }

        try
        {
            var state = await memory.CurrentAsync(cancellationToken);
            var kind = KindOf(policy);
            foreach (var role in PolicyReader.Hooks(json).SelectMany(h => h.Roles).Distinct(StringComparer.Ordinal))
            {
                if (FaultOf(role, state.Roles.Find(role), kind) is { } fault)
                {
                    input.Errors.Add("creation_hooks", fault);
                }
            }
        }
        catch (FormatException fault)
        {
            input.Errors.Add("creation_hooks", fault.Message);
        }
    }

    private string? FaultOf(string name, KnownRole? role, ResourceKind? kind) =>
        role is null ? $"Object with name={FilterInput.Shorten(name)} does not exist."
        : kind is not null && !role.Permissions.Any(p => permissions.IsAbout(p, kind))
            ? $"The role '{FilterInput.Shorten(name)}' does not carry any permission for such an object."
        : null;

    private static void CheckScoping(ChangeInput input)
    {
        if (Given(input, nameof(AccessPolicyRecord.QuerysetScoping)) is not { } json)
        {
            return;
        }

        try
        {
            PolicyReader.Scoping(json);
        }
        catch (FormatException fault)
        {
            input.Errors.Add("queryset_scoping", fault.Message);
        }
    }

    private static JsonElement? Given(ChangeInput input, string property)
    {
        var field = input.Kind.FieldOf(property);
        if (!input.Given.Has(field) || input.Given[field] is not string json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
