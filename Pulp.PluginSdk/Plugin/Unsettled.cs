namespace Pulp.PluginSdk.Plugin;

/// <summary>
/// What is marked <see cref="System.Diagnostics.CodeAnalysis.ExperimentalAttribute"/>, by area: it may change with any version. The
/// compiler refuses it to a plugin whose project doesn't name the area in <c>NoWarn</c>.
/// </summary>
internal static class Unsettled
{
    /// <summary>Signing services, and the programs that sign.</summary>
    public const string Signing = "PULPSDK01";

    /// <summary>Reports of vulnerabilities.</summary>
    public const string Vulnerabilities = "PULPSDK02";

    /// <summary>Conditions of a plugin's own, and which resources somebody sees.</summary>
    public const string Conditions = "PULPSDK03";

    /// <summary>The domain of a request.</summary>
    public const string Domains = "PULPSDK04";
}
