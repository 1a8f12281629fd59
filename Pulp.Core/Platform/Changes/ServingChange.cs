namespace Pulp.Core.Platform.Changes;

/// <summary>A change to what is served, as processes tell each other.</summary>
/// <param name="Process">Who made it; empty for this process, as it tells itself.</param>
/// <param name="Repository">The repository whose distributions serve something else now; null for anything.</param>
internal sealed record ServingChange(string Process, Guid? Repository)
{
    public static string ThisProcess { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Something happened, perhaps several times.</summary>
    public static ServingChange Unknown { get; } = new("", Repository: null);

    /// <summary>What a signal says; null for one of this process, which it has told itself already.</summary>
    public static ServingChange? Heard(string payload) =>
        payload.Split('/') is not [var process, var repository] ? Unknown
        : process == ThisProcess ? null
        : new ServingChange(process, Guid.TryParse(repository, out var id) ? id : null);

    public override string ToString() => $"{Process}/{Repository}";
}
