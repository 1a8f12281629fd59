namespace PulpPython.Index;

/// <summary>Where indexes are served: <c>PYPI_PATH_PREFIX</c> and <c>PYPI_API_HOSTNAME</c>.</summary>
internal sealed class PypiSettings
{
    /// <summary>The path that indexes are below.</summary>
    public string PathPrefix { get; set; } = "/pypi/";

    /// <summary>The address that clients reach indexes at, where it isn't that of content: <c>https://pypi.example.com</c>.</summary>
    public string ApiHostname { get; set; } = "";

    /// <summary>The path with a slash at both ends.</summary>
    public string Mount() => $"/{PathPrefix.Trim('/')}/";

    /// <summary>The address of an index; without a host where nobody told one.</summary>
    /// <param name="origin">Where content is served from.</param>
    /// <param name="path">The index's base path, behind its domain where addresses name domains.</param>
    public string AddressOf(string origin, string path) =>
        $"{(ApiHostname.Length > 0 ? ApiHostname.TrimEnd('/') : origin)}{Mount()}{path}/";
}
