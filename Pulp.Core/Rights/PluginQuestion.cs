using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>What a condition of a plugin's is asked about.</summary>
internal sealed class PluginQuestion(
    AskedRequest asked,
    string argument,
    PermissionHolders holders,
    ResourceRegistry registry,
    IDb db
) : AccessQuestion
{
    public override Caller? Caller => asked.Caller;

    public override string Argument => argument;

    public override Guid? Resource => (asked.Object ?? asked.Parent) is { } on && !on.Key.IsNumber ? on.Key.Id : null;

    public override Guid Domain => asked.Reach.Domain;

    public override IDb Db => db;

    public override T? AtHand<T>()
        where T : class => asked.AtHand as T;

    public override string? Member(string name) =>
        asked.Body?.TryGet(name, out var given) == true ? given.AsText() : null;

    public override async ValueTask<bool> HoldsAsync(string permission, CancellationToken cancellationToken) =>
        await holders.EverywhereAsync(Caller, permission, cancellationToken)
        || await holders.InDomainAsync(Caller, permission, asked.Reach.Domain, cancellationToken);

    public override ValueTask<bool> HoldsOnAsync<T>(
        string permission,
        Guid resource,
        CancellationToken cancellationToken
    ) => holders.OnAsync(Caller, permission, registry.For<T>(), resource, cancellationToken);
}
