using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>What a role is given on, as its row says it: an object, a domain, or nothing in particular.</summary>
/// <param name="Model">The object's model; empty where there is none.</param>
/// <param name="Id">The object; the empty id where there is none, and for those with numbers.</param>
/// <param name="Number">The object's number; 0 where it has none.</param>
/// <param name="Domain">The domain; the empty id where there is none.</param>
internal sealed record AssignedTo(string Model, Guid Id, long Number, Guid Domain)
{
    /// <summary>The domain that the object is in; the empty id where there is none.</summary>
    public Guid ObjectDomain { get; init; }

    public static AssignedTo Everything { get; } = new("", Guid.Empty, 0, Guid.Empty);

    public static AssignedTo InDomain(Guid domain) => Everything with { Domain = domain };

    public static AssignedTo Object(ResourceKind kind, ResourceKey key, Guid domain)
    {
        var (id, number) = Columns(key);
        return new AssignedTo(kind.Model, id, number, Guid.Empty)
        {
            ObjectDomain = kind.DomainColumn is null ? Guid.Empty : domain,
        };
    }

    /// <summary>The columns that name an object: those with numbers have the empty id.</summary>
    public static (Guid Id, long Number) Columns(ResourceKey key) =>
        key.IsNumber ? (Guid.Empty, key.Number) : (key.Id, 0);

    /// <summary>The rows that are given on it.</summary>
    public SqlText Where =>
        $"object_model = {Model} and object_id = {Id} and object_number = {Number} and in_domain = {Domain}";
}

/// <summary>The statements that give roles. Who gives one on an object runs both.</summary>
internal static class Assigning
{
    /// <summary>Gives a role; who has it already keeps it.</summary>
    /// <param name="holder"><c>user</c> or <c>group</c>.</param>
    /// <param name="id">Which one.</param>
    /// <param name="role">The role.</param>
    /// <param name="on">On what.</param>
    /// <param name="now">The time.</param>
    public static SqlText Insert(string holder, long id, Guid role, AssignedTo on, DateTimeOffset now)
    {
        var (table, column) = (Sql.Name($"core_{holder}role"), Sql.Name($"{holder}_id"));
        return $"""
            insert into {table} (pulp_id, pulp_created, pulp_last_updated, {column}, role_id, object_model, object_id,
                                 object_number, object_domain, in_domain)
            values ({Ids.New(now)}, {now}, {now}, {id}, {role}, {on.Model}, {on.Id}, {on.Number}, {on.ObjectDomain},
                    {on.Domain})
            on conflict do nothing
            """;
    }

    /// <summary>
    /// Notes that somebody has a role on objects of a model, for <see cref="Holder.OnObjects"/>. Where it wasn't known yet
    /// <see cref="AccessMemory.ChangedAsync"/> has to follow.
    /// </summary>
    /// <param name="holder"><c>user</c> or <c>group</c>.</param>
    /// <param name="id">Which one.</param>
    /// <param name="role">The role.</param>
    /// <param name="model">The objects' model.</param>
    public static SqlText Hold(string holder, long id, Guid role, string model)
    {
        var (user, group) = holder == "user" ? (id, 0L) : (0L, id);
        return $"""
            insert into core_heldrole (user_id, group_id, object_model, role_id) values ({user}, {group}, {model}, {role})
            on conflict do nothing
            """;
    }
}
