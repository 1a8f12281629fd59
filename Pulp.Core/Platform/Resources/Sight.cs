namespace Pulp.Core.Platform.Resources;

/// <summary>A role that a kind's rows themselves say somebody has on them, such as a task's sender.</summary>
/// <param name="Role">The role.</param>
/// <param name="Where">The condition on <see cref="ResourceKind.From"/> under which a user has it; it takes the user's id.</param>
internal sealed record ImpliedRole(string Role, Func<SqlText, SqlText> Where)
{
    /// <summary>Takes the role from the user, where the row can be changed so; it can't be given.</summary>
    public Func<ResourceKey, long, SqlText>? Take { get; init; }

    /// <summary>The row says who has it, and nobody else does.</summary>
    public bool IsFixed => Take is null;
}

/// <summary>Which rows somebody may see.</summary>
internal interface ISight
{
    /// <summary>The condition on <see cref="ResourceKind.From"/>; null where all are seen.</summary>
    SqlText? Where(ResourceKind kind);

    /// <summary>
    /// The keys of all rows of a kind that are seen, where that is quicker than to look at each row; null where it isn't.
    /// </summary>
    SeenKeys? Keys(ResourceKind kind);

    /// <summary>Whether it is of one domain alone.</summary>
    bool IsDivided { get; }

    /// <summary>Whether it is the scope alone that says which rows of a kind are seen.</summary>
    bool IsBy(ResourceKind kind, Func<ResourceKind, IScope, SqlText?> scope);
}

/// <summary>Who owns what is created, and what becomes of roles on what is deleted.</summary>
internal interface IOwnership
{
    /// <summary>Gives roles on a new resource, in the transaction that makes it, as the kind's policy says.</summary>
    /// <exception cref="BadRequestException">The policy names a role that can't be given.</exception>
    Task CreatedAsync(IDb tx, ResourceKind kind, Reach reach, ResourceKey key, CancellationToken cancellationToken);

    /// <summary>Takes all roles on a resource, in the transaction that deletes it.</summary>
    Task DeletedAsync(IDb tx, ResourceKind kind, ResourceKey key, CancellationToken cancellationToken);
}

/// <summary>Makes the conditions of a kind whose rows aren't seen by the permission to view them alone.</summary>
internal interface IScope
{
    /// <summary>Whose sight it is.</summary>
    Caller Caller { get; }

    /// <summary>The kind of a record.</summary>
    ResourceKind For(Type record);

    /// <summary>Which of a kind's rows are seen, by the column that holds their key; null where all are.</summary>
    SqlText? Seen(ResourceKind kind, SqlName key);

    /// <summary>The condition on <see cref="ResourceKind.From"/> for the rows that are seen; null where all are.</summary>
    SqlText? Where(ResourceKind kind);

    /// <summary>A select of the keys of all rows of a kind that are seen, as <c>page_key</c>; null where all are.</summary>
    SqlText? Select(ResourceKind kind);

    /// <summary>What a kind's row has to meet to be of the domain that is asked; null where there is one domain.</summary>
    SqlText? Here(ResourceKind kind);

    /// <summary>On which rows of a kind a permission is held, by the column that holds their key; null for all.</summary>
    SqlText? Held(ResourceKind kind, SqlName key, string permission);
}
