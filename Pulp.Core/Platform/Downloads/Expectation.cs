using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Platform.Downloads;

/// <summary>What a download must turn out to be.</summary>
internal sealed record Expectation(long? Size, IReadOnlyDictionary<string, string> Digests)
{
    public static Expectation None { get; } = new(null, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>No more bytes than this are taken, whatever else is known; null for any number.</summary>
    public long? MaxSize { get; init; }

    /// <summary>From nullable digests in the wire's order.</summary>
    public static Expectation Of(long? size, params IReadOnlyList<(string Name, string? Value)> digests) =>
        new(
            size,
            digests
                .Where(d => !string.IsNullOrEmpty(d.Value))
                .ToDictionary(d => d.Name, d => d.Value ?? "", StringComparer.Ordinal)
        );

    /// <summary>What a plugin expects of a file.</summary>
    public static Expectation Of(PluginSdk.Files.FileExpectation expected) =>
        Of(
            expected.Size,
            [
                ("sha256", expected.Sha256),
                .. (expected.OtherDigests ?? None.Digests).Select(d => (d.Key, (string?)d.Value)),
            ]
        ) with
        {
            MaxSize = expected.MaxSize,
        };

    public static Expectation Of(DeclaredArtifact file) =>
        Of(
            file.Size,
            [
                ("sha256", file.Sha256),
                .. (file.OtherDigests ?? new Dictionary<string, string>()).Select(d => (d.Key, (string?)d.Value)),
            ]
        );

    /// <exception cref="DigestException">The file isn't what was promised.</exception>
    public void Verify(string what, long size, Digests found)
    {
        if (Size is { } expected && expected != size)
        {
            throw new DigestException($"{what}: expected {expected} bytes, got {size}.");
        }

        foreach (var (name, value) in Digests)
        {
            if (found[name] is { } computed && !string.Equals(computed, value, StringComparison.OrdinalIgnoreCase))
            {
                throw new DigestException($"{what}: expected {name} {value}, got {computed}.");
            }
        }
    }

    /// <summary>At least one promised digest is of an algorithm that is computed here.</summary>
    public bool IsVerifiable(IReadOnlyCollection<string> allowed) =>
        Digests.Count == 0 || Digests.Keys.Any(allowed.Contains);
}
