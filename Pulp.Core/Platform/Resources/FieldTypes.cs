namespace Pulp.Core.Platform.Resources;

internal enum FieldType
{
    Text,
    Integer,
    Number,
    Boolean,
    Timestamp,
    Reference,
    Json,

    /// <summary>Several ids: only in bodies, no column is of it.</summary>
    References,
}

/// <summary>Which types of values there are.</summary>
internal static class FieldTypes
{
    /// <summary>The field type of a property's type; null when no field can be of it.</summary>
    public static FieldType? Of(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) => FieldType.Text,
            var t when t == typeof(long) => FieldType.Integer,
            var t when t == typeof(double) => FieldType.Number,
            var t when t == typeof(bool) => FieldType.Boolean,
            var t when t == typeof(DateTimeOffset) => FieldType.Timestamp,
            var t when t == typeof(Guid) => FieldType.Reference,
            var t when t == typeof(JsonText) => FieldType.Json,
            var t when t == typeof(IReadOnlyList<Guid>) => FieldType.References,
            _ => null,
        };
}
