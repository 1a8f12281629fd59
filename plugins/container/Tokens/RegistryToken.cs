using System.Text.Json.Serialization;

namespace PulpContainer.Tokens;

/// <summary>What a token allows.</summary>
/// <param name="Type"><c>repository</c> or <c>registry</c>.</param>
/// <param name="Name">The repository, or <c>catalog</c>.</param>
/// <param name="Actions"><c>pull</c>, <c>push</c> or <c>*</c>.</param>
internal sealed record TokenScope(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("actions")] IReadOnlyList<string> Actions
);

/// <summary>A token that was verified.</summary>
internal sealed record RegistryToken
{
    /// <summary>The account; empty for nobody.</summary>
    public required string Subject { get; init; }

    /// <summary>The registry that it is for.</summary>
    public required string Audience { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required IReadOnlyList<TokenScope> Access { get; init; }

    public bool Allows(string name, string action, string type = "repository") =>
        Access.Any(scope => scope.Type == type && scope.Name == name && scope.Actions.Contains(action));
}
