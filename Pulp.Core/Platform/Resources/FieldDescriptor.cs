using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Platform.Resources;

/// <summary>One declared field, read once from its property. Validation, SQL, JSON, filters and the API document follow it.</summary>
internal sealed class FieldDescriptor
{
    private readonly PropertyInfo _property;

    // Made when first used: compiling those of all fields took a third of the time until the server listens.
    private readonly Lazy<Action<object, object?>> _set;
    private readonly Lazy<Func<object, object?>> _get;

    public FieldDescriptor(
        PropertyInfo property,
        FieldAttribute attribute,
        bool onDetail,
        object? defaultValue,
        FieldChange? change = null
    )
    {
        attribute = change is null ? attribute : attribute.With(change.Help, change.Choices, change.Hidden);
        _property = property;
        Attribute = attribute;
        OnDetail = onDetail;
        Default = change?.Default ?? defaultValue;
        Name = attribute.Name ?? Names.Snake(property.Name);
        Column = Names.Snake(property.Name) + (attribute.References is null ? "" : "_id");
        Nullable = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        Required =
            (change?.Required ?? property.GetCustomAttribute<RequiredMemberAttribute>() is not null)
            && !attribute.ReadOnly;
        Type = TypeOf(property, attribute);
        var setter =
            property.SetMethod
            ?? throw new DeclarationException(
                $"{property.DeclaringType?.FullName}.{property.Name}: it has no init or set."
            );
        _get = new(() => CompileGet(property));
        _set = new(() => CompileSet(property, setter));
    }

    public FieldAttribute Attribute { get; }

    /// <summary>Looked for through an index, which can't hold texts of any length.</summary>
    public bool IsIndexed =>
        Attribute.Unique
        || _property.ReflectedType?.GetCustomAttribute<UniqueAttribute>()?.Properties.Contains(PropertyName) == true;

    public string PropertyName => _property.Name;

    public string Name { get; }

    public string Column { get; }

    /// <summary>The column is in the detail table, not in the master's.</summary>
    public bool OnDetail { get; }

    public FieldType Type { get; }

    public bool Nullable { get; }

    public bool Required { get; }

    public object? Default { get; }

    public bool Writable => !Attribute.ReadOnly && !Attribute.Internal;

    public bool Shown => Attribute is { Internal: false, Secret: false, WriteOnly: false };

    public object? Get(object record) => _get.Value(record);

    public void Set(object record, object? value) => _set.Value(record, value);

    /// <summary>The value as a parameter: JSON text is marked as such.</summary>
    public object? ToParameter(object? value) =>
        Type == FieldType.Json && value is string json ? new JsonText(json) : value;

    public ColumnType ColumnType =>
        Type switch
        {
            FieldType.Text => ColumnType.Text,
            FieldType.Integer => ColumnType.BigInteger,
            FieldType.Number => ColumnType.Double,
            FieldType.Boolean => ColumnType.Boolean,
            FieldType.Timestamp => ColumnType.Timestamp,
            FieldType.Reference => ColumnType.Uuid,
            _ => ColumnType.Json,
        };

    private static FieldType TypeOf(PropertyInfo property, FieldAttribute attribute)
    {
        if (attribute.Json != JsonShape.None)
        {
            return FieldType.Json;
        }

        return FieldTypes.Of(property.PropertyType) is { } type and not FieldType.Json
            ? type
            : throw new DeclarationException(
                $"{property.DeclaringType?.FullName}.{property.Name}: a field can't be of type {property.PropertyType.Name.Split('`')[0]}. "
                    + "Lists and objects are a string that holds JSON, with a JsonShape."
            );
    }

    private static Func<object, object?> CompileGet(PropertyInfo property)
    {
        var record = Expression.Parameter(typeof(object));
        var get = Expression.Property(Expression.Convert(record, property.DeclaringType ?? typeof(object)), property);
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(get, typeof(object)), record).Compile();
    }

    private static Action<object, object?> CompileSet(PropertyInfo property, MethodInfo setter)
    {
        var record = Expression.Parameter(typeof(object));
        var value = Expression.Parameter(typeof(object));
        var call = Expression.Call(
            Expression.Convert(record, property.DeclaringType ?? typeof(object)),
            setter,
            Expression.Convert(value, property.PropertyType)
        );
        return Expression.Lambda<Action<object, object?>>(call, record, value).Compile();
    }
}
