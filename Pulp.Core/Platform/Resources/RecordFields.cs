using System.Reflection;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Platform.Resources;

/// <summary>The fields that a record declares, those of the records above it first.</summary>
internal static class RecordFields
{
    /// <param name="record">The record.</param>
    /// <param name="hasDetail">Whether what it adds to the SDK's records is in a table of its own.</param>
    /// <param name="changes">What its declaration changes of them.</param>
    public static IReadOnlyList<FieldDescriptor> Of(
        Type record,
        bool hasDetail,
        IReadOnlyDictionary<string, FieldChange>? changes
    )
    {
        // Required members stay at their types' defaults; the kinds that only gather others have none.
        var defaults = record.IsAbstract ? null : Activator.CreateInstance(record);
        var fields = new List<FieldDescriptor>();
        foreach (var type in Ancestors(record))
        {
            foreach (
                var property in type.GetProperties(
                    BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly
                )
            )
            {
                if (property.GetCustomAttribute<FieldAttribute>() is { } attribute)
                {
                    // What the SDK declares is in the master table, whatever stands between it and the record in the detail's.
                    var onDetail = hasDetail && type.Assembly != typeof(PulpResource).Assembly;
                    fields.Add(
                        new FieldDescriptor(
                            property,
                            attribute,
                            onDetail,
                            defaults is null ? null : property.GetValue(defaults),
                            changes?.GetValueOrDefault(property.Name)
                        )
                    );
                }
            }
        }

        return fields;
    }

    private static IEnumerable<Type> Ancestors(Type record)
    {
        var chain = new Stack<Type>();
        for (var type = record; type is not null && type != typeof(object); type = type.BaseType)
        {
            chain.Push(type);
        }

        return chain;
    }
}
