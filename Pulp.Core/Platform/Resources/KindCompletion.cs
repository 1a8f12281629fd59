namespace Pulp.Core.Platform.Resources;

/// <summary>Completes kinds when all of them are known: members, filters and orderings that follow from the fields.</summary>
internal static class KindCompletion
{
    public static void Complete(ResourceKind kind, ResourceRegistry registry)
    {
        Outputs.AddStandard(kind, registry);
        FieldFilters.AddAll(kind);
        StandardFilters.AddAll(kind, registry);
        AddOrderings(kind);
    }

    public static void AddOrderings(ResourceKind kind)
    {
        kind.Orderings["pk"] = kind.Key;
        kind.Orderings[kind.KeyColumn] = kind.Key;
        foreach (
            var field in kind.Fields.Where(f => f.Attribute is { Secret: false, References: null, NotSortable: false })
        )
        {
            kind.Orderings[field.Name] = field.Name == kind.KeyColumn ? kind.Key : kind.Column(field);
        }
    }
}
