namespace Pulp.Core.Platform.Resources;

/// <summary>Column values by field.</summary>
internal sealed class FieldValues
{
    private readonly Dictionary<FieldDescriptor, object?> _values = [];

    public IReadOnlyDictionary<FieldDescriptor, object?> All => _values;

    public object? this[FieldDescriptor field]
    {
        get => _values.GetValueOrDefault(field);
        set => _values[field] = value;
    }

    public bool Has(FieldDescriptor field) => _values.ContainsKey(field);

    /// <summary>The record these values make.</summary>
    public T ToRecord<T>(ResourceKind kind)
        where T : class
    {
        var record = (T)RecordMapper.New(kind);
        foreach (var (field, value) in _values)
        {
            field.Set(record, value);
        }

        // A required text that failed its validation: rules read the record before the errors are answered.
        foreach (var field in kind.Fields.Where(f => f is { Type: FieldType.Text or FieldType.Json, Nullable: false }))
        {
            if (field.Get(record) is null)
            {
                field.Set(record, "");
            }
        }

        return record;
    }
}
