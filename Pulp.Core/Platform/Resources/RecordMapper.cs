using System.Data.Common;

namespace Pulp.Core.Platform.Resources;

/// <summary>Between a kind's rows and its records.</summary>
internal sealed class RecordMapper(ResourceKind kind, SecretBox secrets)
{
    /// <summary>Every column of the record, in the fields' order.</summary>
    public IReadOnlyList<string> EachColumn { get; } = [.. kind.Fields.Select(kind.Column)];

    public string Columns => string.Join(", ", EachColumn);

    public static object New(ResourceKind kind) =>
        Activator.CreateInstance(kind.Record)
        ?? throw new InvalidOperationException($"{kind.Record.Name} needs a parameterless constructor.");

    public object Read(DbDataReader reader) => Read(new RowReader(reader, DomainScope.Only), at: 0);

    /// <summary>From a row whose columns from there on are the record's.</summary>
    public object Read(RowReader row, int at)
    {
        var record = New(kind);
        for (var i = 0; i < kind.Fields.Count; i++)
        {
            kind.Fields[i].Set(record, row.IsNull(at + i) ? null : Value(row, kind.Fields[i], at + i));
        }

        return record;
    }

    private object Value(RowReader row, FieldDescriptor field, int at) =>
        field.Type switch
        {
            FieldType.Text when field.Attribute.Secret => secrets.Open(row.Text(at)),
            FieldType.Text or FieldType.Json => row.Text(at),
            FieldType.Integer => row.Integer(at),
            FieldType.Number => row.Number(at),
            FieldType.Boolean => row.Flag(at),
            FieldType.Timestamp => row.Moment(at),
            _ => row.Id(at),
        };
}
