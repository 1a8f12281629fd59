namespace Pulp.Core.Platform.Resources;

/// <summary>Query parameters that no filter has.</summary>
internal sealed class InvalidFilterException(IReadOnlyList<string> names)
    : PulpException(string.Join(" ", names.Select(n => $"Invalid Filter: '{n}'")))
{
    public IReadOnlyList<string> Messages { get; } = [.. names.Select(n => $"Invalid Filter: '{n}'")];

    public override string Code => "PLP0402";

    public override int Status => 400;
}
