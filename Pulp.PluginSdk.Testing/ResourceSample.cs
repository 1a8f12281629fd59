namespace Pulp.PluginSdk.Testing;

/// <summary>A resource of a plugin that the conformance tests create.</summary>
/// <param name="path">Path of its kind below the API's root, such as <c>remotes/my/my/</c>.</param>
/// <param name="body">What it is created from; becomes JSON, or the fields of a form where there is a file.</param>
public sealed class ResourceSample(string path, object body)
{
    /// <summary>Path of its kind below the API's root.</summary>
    public string Path { get; } = path;

    /// <summary>What it is created from.</summary>
    public object Body { get; } = body;

    /// <summary>A file that is sent with it, for content that is made of one.</summary>
    public byte[]? File { get; init; }

    /// <summary>What is changed of it then; null where the kind can't be changed.</summary>
    public object? Change { get; init; }
}
