using System.Data.Common;

namespace Pulp.Core.Platform.Resources;

/// <summary>Between a kind's rows and its records.</summary>
internal sealed class RecordMapper(ResourceKind kind, SecretBox secrets)
{
    private readonly string _columns = string.Join(", ", kind.Fields.Select(kind.Column));

    /// <summary>Every column of the record, in the fields' order.</summary>
    public string Columns => _columns;

    public static object New(ResourceKind kind) =>
        Activator.CreateInstance(kind.Record)
        ?? throw new InvalidOperationException($"{kind.Record.Name} needs a parameterless constructor.");

    public object Read(DbDataReader reader)
    {
        var record = New(kind);
        var row = new RowReader(reader);
        for (var i = 0; i < kind.Fields.Count; i++)
        {
            kind.Fields[i].Set(record, row.IsNull(i) ? null : Value(row, kind.Fields[i], i));
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
