namespace Pulp.Core.Platform.Http;

/// <summary>A request's members as a task keeps them. Those of a form are texts, whatever they mean.</summary>
internal sealed record StoredBody(string Json, bool IsForm)
{
    public static StoredBody Empty { get; } = new("{}", IsForm: false);
}
