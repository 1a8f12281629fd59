using System.Globalization;
using System.Runtime.InteropServices;

namespace Pulp.Core.Platform.Resources;

/// <summary>A resource's key: a UUID, or a number where the kind has those, as users and groups do on every Pulp.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ResourceKey
{
    private readonly long? _number;
    private readonly Guid _id;

    private ResourceKey(long? number, Guid id)
    {
        _number = number;
        _id = id;
    }

    public bool IsNumber => _number is not null;

    /// <summary>The UUID.</summary>
    /// <exception cref="InvalidOperationException">The kind's keys are numbers.</exception>
    public Guid Id => _number is null ? _id : throw new InvalidOperationException("The key is a number.");

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The kind's keys are UUIDs.</exception>
    public long Number => _number ?? throw new InvalidOperationException("The key is a UUID.");

    /// <summary>As a parameter of a statement.</summary>
    public object Value => _number is { } number ? number : _id;

    public static implicit operator ResourceKey(Guid id) => new(number: null, id);

    public static implicit operator ResourceKey(long number) => new(number, Guid.Empty);

    /// <summary>The key that a text of a path or PRN means; null when it is none of the kind's.</summary>
    public static ResourceKey? Parse(ResourceKind kind, string? text) =>
        kind.HasIntegerKey
            ? WireNumbers.TryInteger(text, out var number)
                ? number
                : null
            : Guid.TryParseExact(text, "D", out var id)
                ? id
                : null;

    public override string ToString() => _number?.ToString(CultureInfo.InvariantCulture) ?? _id.ToString();
}
