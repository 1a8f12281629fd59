using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>What plugins may ask of who asks.</summary>
internal sealed class RequestAccess(
    PasswordSignIn signIn,
    Accounts accounts,
    ResourceRegistry registry,
    RequestOrigin origin
) : IAccess
{
    /// <summary>The request that this scope is of; null in a task's.</summary>
    public AdmittedRequest? Request { get; set; }

    public Caller? Current => Request?.Caller;

    public async Task<Caller?> SignInAsync(string name, string password, CancellationToken cancellationToken)
    {
        var address = GuessLimits.AddressOf(Request?.Http.Connection.RemoteIpAddress);
        return await signIn.TryAsync(name, password, address, cancellationToken) switch
        {
            SignInOutcome.Accepted accepted => accepted.Caller,
            SignInOutcome.Later later => throw new ThrottledException(later.Wait),
            _ => null,
        };
    }

    public Task<Caller?> FindAsync(string name, CancellationToken cancellationToken) =>
        accounts.FindAsync(name, cancellationToken);

    public ValueTask<bool> HoldsAsync(
        Caller? caller,
        string permission,
        PulpResource? on,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult(Holds(caller) && (caller is { MayOnlyRead: false } || IsToRead(permission)));

    public SqlText Visible<T>(Caller? caller, string permission)
        where T : PulpResource
    {
        var kind = registry.For<T>();
        var reach = Reach.Of(origin.Value.Reach.Scope, caller?.Id);
        SqlText held = Holds(caller) ? (SqlText)$"{ReachableRows.WhereAny(kind, reach)}" : $"1 = 0";
        return ((SqlText)$"(select {Sql.Name(kind.Key)} from {kind.From} where {held})").AsCore();
    }

    /// <summary>Whether a token that may only read lets its owner use the permission.</summary>
    private static bool IsToRead(string permission) =>
        permission[(permission.IndexOf('.', StringComparison.Ordinal) + 1)..] is var verb
        && (
            verb.StartsWith("view_", StringComparison.Ordinal)
            || verb.StartsWith("pull_container", StringComparison.Ordinal)
            || verb.StartsWith("download_", StringComparison.Ordinal)
        );

    /// <summary>Until there are roles, administrators hold every permission and others none.</summary>
    private static bool Holds(Caller? caller) => caller is { IsSuperuser: true };
}
