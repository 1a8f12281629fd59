using System.Collections.Frozen;

namespace Pulp.Core.Rights;

/// <summary>A role as decisions need it.</summary>
internal sealed record KnownRole(Guid Id, string Name, IReadOnlySet<string> Permissions);

/// <summary>All roles, and which of them give a permission.</summary>
internal sealed class RoleBook
{
    private readonly FrozenDictionary<Guid, KnownRole> _byId;
    private readonly FrozenDictionary<string, KnownRole> _byName;
    private readonly FrozenDictionary<string, IReadOnlyList<Guid>> _giving;

    public RoleBook(IEnumerable<KnownRole> roles)
    {
        _byId = roles.ToFrozenDictionary(r => r.Id);
        _byName = _byId.Values.ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);
        _giving = _byId
            .Values.SelectMany(role => role.Permissions.Select(permission => (permission, role.Id)))
            .GroupBy(given => given.permission, given => given.Id, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, IReadOnlyList<Guid> (g) => [.. g], StringComparer.Ordinal);
    }

    public KnownRole? Find(Guid id) => _byId.GetValueOrDefault(id);

    public KnownRole? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The roles that give a permission.</summary>
    public IReadOnlyList<Guid> Giving(string permission) => _giving.GetValueOrDefault(permission) ?? [];
}
