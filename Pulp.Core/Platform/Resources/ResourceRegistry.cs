using System.Diagnostics.CodeAnalysis;

namespace Pulp.Core.Platform.Resources;

/// <summary>All kinds, found by record, type, model or path.</summary>
internal sealed class ResourceRegistry
{
    private readonly List<ResourceKind> _kinds = [];
    private readonly Dictionary<Type, ResourceKind> _byRecord = [];
    private readonly Dictionary<string, ResourceKind> _byModel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceKind> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Master, string PulpType), ResourceKind> _byType = [];

    public IReadOnlyList<ResourceKind> All => _kinds;

    public void Add(ResourceKind kind)
    {
        if (!_byPath.TryAdd(kind.Path, kind))
        {
            throw new DeclarationException($"Two kinds of resource want the path {kind.Path}.");
        }

        _kinds.Add(kind);
        _byRecord.TryAdd(kind.Record, kind);
        if (!kind.IsGeneric)
        {
            _byModel.TryAdd(kind.Model, kind);
            _byType.TryAdd((kind.MasterTable, kind.PulpType), kind);
        }
    }

    public ResourceKind For<T>() => For(typeof(T));

    public ResourceKind For(Type record) =>
        _byRecord.TryGetValue(record, out var kind)
            ? kind
            : throw new InvalidOperationException($"{record.Name} isn't declared as a kind of resource.");

    public bool TryType(string masterTable, string pulpType, [NotNullWhen(true)] out ResourceKind? kind) =>
        _byType.TryGetValue((masterTable, pulpType), out kind);

    public ResourceKind ForType(string masterTable, string pulpType) =>
        TryType(masterTable, pulpType, out var kind)
            ? kind
            : throw new BadRequestException($"The plugin for '{pulpType}' isn't installed.");

    public bool TryModel(string model, [NotNullWhen(true)] out ResourceKind? kind) =>
        _byModel.TryGetValue(model, out kind);

    public bool TryPath(string path, [NotNullWhen(true)] out ResourceKind? kind) => _byPath.TryGetValue(path, out kind);

    /// <summary>Kinds that can stand where the record is referred to.</summary>
    public IReadOnlyList<ResourceKind> Assignable(Type record) =>
        [.. _kinds.Where(k => record.IsAssignableFrom(k.Record) && !k.Record.IsAbstract)];

    public string Prn(PulpResource resource) => For(resource.GetType()).Prn(resource.PulpId);

    public string Href(DomainScope domain, PulpResource resource) => For(resource.GetType()).Href(domain, resource);
}
