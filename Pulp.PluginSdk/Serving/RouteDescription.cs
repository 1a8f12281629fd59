namespace Pulp.PluginSdk.Serving;

/// <summary>A route of a plugin's own in the API document, for clients that are generated from it.</summary>
public sealed record RouteDescription
{
    /// <summary>Names the operation: <c>pypi_simple_read</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The method.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>The path below the mount, with its parameters in braces: <c>{path}/simple/</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Title of its part of the document.</summary>
    public required string Tag { get; init; }

    /// <summary>A few words.</summary>
    public required string Summary { get; init; }

    /// <summary>Names of what the query may say.</summary>
    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>The form that is sent: a record whose <c>[Field]</c>s are its members; null for none.</summary>
    public Type? Body { get; init; }

    /// <summary>The member of the form that is a file; null for none.</summary>
    public string? File { get; init; }

    /// <summary>What is answered: a record whose <c>[Field]</c>s are the members; null for another form than JSON.</summary>
    public Type? Answer { get; init; }

    /// <summary>Whether it is for whoever signs in, not for anybody.</summary>
    public bool IsForCallers { get; init; }
}
