namespace Pulp.PluginSdk.Access;

/// <summary>
/// How a kind's access policy deviates from the standard: everybody signed in may list, which shows what they may view; creating
/// needs the permission <c>add</c>, reading <c>view</c>, changing <c>change</c> and <c>view</c>, deleting <c>delete</c> and <c>view</c>,
/// an action the permission it is declared with and <c>view</c>; who creates one gets the role <c>label.model_owner</c>.
/// </summary>
public sealed record AccessPolicy
{
    /// <summary>They take the place of the standard's for the actions that they name.</summary>
    public IReadOnlyList<AccessStatement> Statements { get; init; } = [];

    /// <summary>Whether who may not view a resource doesn't find it either; otherwise all are found by everybody who may list them.</summary>
    public bool IsScoped { get; init; } = true;

    /// <summary>Roles that who creates one gets on it; null for the owner's.</summary>
    public IReadOnlyList<string>? CreatorRoles { get; init; }

    /// <summary>A policy of these statements.</summary>
    /// <param name="statements">They take the place of the standard's for the actions that they name.</param>
    public static AccessPolicy Of(params IReadOnlyList<AccessStatement> statements) =>
        new() { Statements = statements };

    /// <summary>Actions that are no operations of the kind, which the plugin asks about itself: <c>pull</c>, <c>push</c>.</summary>
    public IReadOnlyList<string> OtherActions { get; init; } = [];
}

/// <summary>
/// One statement of a policy, in the words of Pulp's access policies. Somebody may do what at least one statement allows and none
/// denies.
/// </summary>
public sealed record AccessStatement
{
    /// <summary>The actions: <c>list</c>, <c>retrieve</c>, <c>create</c>, the verbs of actions, or <c>*</c>.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary><c>*</c> (anybody), <c>authenticated</c>, <c>anonymous</c>, <c>admin</c>, <c>staff</c>, <c>id:...</c> or <c>group:...</c>.</summary>
    public IReadOnlyList<string> Principals { get; init; } = ["authenticated"];

    /// <summary>All have to hold: <c>has_model_or_domain_or_obj_perms:file.view_filerepository</c>.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>All have to hold, too: conditions with <c>not</c>, <c>and</c>, <c>or</c> and parentheses.</summary>
    public IReadOnlyList<string> Expressions { get; init; } = [];

    /// <summary>It denies instead of allowing.</summary>
    public bool Denies { get; init; }

    /// <summary>Lets whoever is signed in do this where all conditions hold.</summary>
    /// <param name="actions">The actions.</param>
    /// <param name="conditions">The conditions, such as those of <see cref="AccessConditions"/>; without any, all may.</param>
    public static AccessStatement Allow(IReadOnlyList<string> actions, params IReadOnlyList<string> conditions) =>
        new() { Actions = actions, Conditions = conditions };
}

/// <summary>A role that comes with the plugin and that nobody changes.</summary>
public sealed record Role
{
    /// <summary>Its name, which begins with the plugin's label: <c>file.filerepository_owner</c>.</summary>
    public required string Name { get; init; }

    /// <summary>In a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>What it gives, in full: <c>file.view_filerepository</c>.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }
}
