namespace Pulp.PluginSdk.Fields;

/// <summary>Collects everything that is wrong with a request, so that all of it is answered at once.</summary>
public sealed class ValidationErrors
{
    private readonly Dictionary<string, List<string>> _messages = new(StringComparer.Ordinal);

    /// <summary>The wire's key for what concerns no single field.</summary>
    public const string NonField = "non_field_errors";

    /// <summary>True while nothing is wrong.</summary>
    public bool IsEmpty => _messages.Count == 0;

    /// <summary>Messages by field, in the order they were found.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Messages =>
        _messages.ToDictionary(m => m.Key, m => (IReadOnlyList<string>)m.Value, StringComparer.Ordinal);

    /// <summary>Adds what is wrong with one field.</summary>
    /// <param name="field">The field's wire name.</param>
    /// <param name="message">A sentence for the client.</param>
    public void Add(string field, string message)
    {
        if (!_messages.TryGetValue(field, out var list))
        {
            _messages[field] = list = [];
        }

        list.Add(message);
    }

    /// <summary>Adds what concerns no single field.</summary>
    /// <param name="message">A sentence for the client.</param>
    public void Add(string message) => Add(NonField, message);

    /// <summary>True when something is wrong with the field.</summary>
    /// <param name="field">The field's wire name.</param>
    public bool Has(string field) => _messages.ContainsKey(field);

    /// <summary>Throws what was collected, if anything was.</summary>
    /// <exception cref="Errors.ValidationException">Something was wrong.</exception>
    public void ThrowIfAny()
    {
        if (!IsEmpty)
        {
            throw new Errors.ValidationException(Messages);
        }
    }
}
