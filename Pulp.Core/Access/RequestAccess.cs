using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>What plugins may ask of who asks.</summary>
internal sealed class RequestAccess(
    PasswordSignIn signIn,
    Accounts accounts,
    PermissionHolders holders,
    Sights sights,
    OtherActions others,
    ResourceRegistry registry,
    CreationBodies bodies,
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
    ) =>
        holders.HoldsAsync(
            caller,
            permission,
            Scope.Id,
            on is null ? null : (registry.For(on.GetType()), on.PulpId),
            cancellationToken
        );

    public ValueTask<bool> MayAsync(
        Caller? caller,
        string action,
        PulpResource on,
        bool isSafe,
        CancellationToken cancellationToken
    ) => MayAsync(caller, others.PolicyOf(on.GetType()), action, on, isSafe, cancellationToken);

    public ValueTask<bool> MayAsync(
        Caller? caller,
        string policy,
        string action,
        PulpResource on,
        bool isSafe,
        CancellationToken cancellationToken
    ) => others.MayAsync(new OtherAction(caller, policy, action, on, Scope, isSafe), cancellationToken);

    public ValueTask<bool> MayAsync<T>(Caller? caller, string action, bool isSafe, CancellationToken cancellationToken)
        where T : PulpResource =>
        others.MayAsync(
            new OtherAction(caller, others.PolicyOf(typeof(T)), action, On: null, Scope, isSafe),
            cancellationToken
        );

    public async ValueTask<bool> MayCreateAsync(
        Caller? caller,
        PulpResource wanted,
        CancellationToken cancellationToken
    )
    {
        var kind = registry.For(wanted.GetType());
        var reach = Reach.Of(Scope, caller?.Id);
        await using var body = RequestBody.From(
            await bodies.OfAsync(reach, kind, wanted, kindOf: _ => null, cancellationToken)
        );
        var created = new OtherAction(caller, kind.PolicyName, "create", On: null, Scope, IsSafe: false)
        {
            Body = body,
        };
        return await others.MayAsync(created, cancellationToken);
    }

    public async ValueTask<SqlText> VisibleAsync<T>(
        Caller? caller,
        string permission,
        CancellationToken cancellationToken
    )
        where T : PulpResource
    {
        var kind = registry.For<T>();
        var key = Sql.Name(kind.Key);
        var held = caller switch
        {
            null => Sql.Never,
            { IsSuperuser: true } => null,
            _ => (await sights.OfAsync(caller, Scope.Id, cancellationToken)).Held(kind, key, permission),
        };
        var where = ReachableRows.WhereAny(kind, Reach.Of(Scope, caller?.Id));
        return ((SqlText)$"(select {key} from {kind.From} where {where} and {held ?? $"1 = 1"})").AsCore();
    }

    private DomainScope Scope => origin.Value.Reach.Scope;
}
