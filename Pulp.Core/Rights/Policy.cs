namespace Pulp.Core.Rights;

/// <summary>An access policy, ready to be asked.</summary>
/// <param name="Name">As Pulp calls it: <c>repositories/file/file</c>.</param>
/// <param name="Statements">Its statements.</param>
/// <param name="IsScoped">Whether who may not view an object doesn't find it either.</param>
/// <param name="Hooks">Who gets which roles on what is created.</param>
internal sealed record Policy(
    string Name,
    IReadOnlyList<Statement> Statements,
    bool IsScoped,
    IReadOnlyList<CreationHook> Hooks
)
{
    /// <summary>What holds where there is no policy: administrators may do everything.</summary>
    public static Policy ForAdministrators(string name) =>
        new(
            name,
            [new Statement(new AccessStatement { Actions = ["*"], Principals = ["admin"] }, [])],
            IsScoped: false,
            []
        );

    /// <summary>
    /// Whether what is asked is allowed: by one statement at least, and denied by none. Without the request's body, conditions on it
    /// count as fulfilled where they allow, and as not where they deny.
    /// </summary>
    public async ValueTask<Verdict> JudgeAsync(AskedRequest asked, CancellationToken cancellationToken)
    {
        var holder = asked.Caller is { } caller ? await asked.State.HolderAsync(caller.Id, cancellationToken) : null;
        var (allows, perhaps, waits) = ((Statement?)null, (Statement?)null, false);
        foreach (var statement in Statements)
        {
            if (!statement.IsAbout(asked, holder) || !await HoldsAsync(statement, asked, cancellationToken))
            {
                continue;
            }

            var pending = statement.ReadsBody && asked.Body is null;
            if (statement.Source.Denies && !pending)
            {
                return new Verdict(Allowed: false, NeedsBody: false, statement);
            }

            waits |= statement.Source.Denies;
            if (!statement.Source.Denies)
            {
                (allows, perhaps) = pending ? (allows, perhaps ?? statement) : (allows ?? statement, perhaps);
            }
        }

        var because = allows ?? perhaps;
        return new Verdict(because is not null, because is not null && (waits || allows is null), because);
    }

    private static async ValueTask<bool> HoldsAsync(
        Statement statement,
        AskedRequest asked,
        CancellationToken cancellationToken
    )
    {
        foreach (var condition in statement.Conditions)
        {
            if (condition.ReadsBody && asked.Body is null)
            {
                continue;
            }

            if (!await condition.HoldsAsync(asked, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What a policy says of a request.</summary>
/// <param name="Allowed">Whether it may go on.</param>
/// <param name="NeedsBody">It may only go on until its body is read, and is to be judged with it then.</param>
/// <param name="Because">The statement that decided; null where none spoke of it.</param>
internal readonly record struct Verdict(bool Allowed, bool NeedsBody, Statement? Because);

/// <summary>Gives roles on what is created.</summary>
/// <param name="Function">To whom, in Pulp's words.</param>
/// <param name="Roles">The roles.</param>
/// <param name="Names">Users or groups, where the function takes some.</param>
internal sealed record CreationHook(string Function, IReadOnlyList<string> Roles, IReadOnlyList<string> Names)
{
    public const string ForCreator = "add_roles_for_object_creator";
    public const string ForUsers = "add_roles_for_users";
    public const string ForGroups = "add_roles_for_groups";
}
