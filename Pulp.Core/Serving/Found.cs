using System.Runtime.InteropServices;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>An answer as it was found.</summary>
/// <param name="Answer">What is sent.</param>
/// <param name="IsRemembered">It was found in memory.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Found(ServedAnswer Answer, bool IsRemembered)
{
    /// <summary>Under which key it is remembered; null for the request's path.</summary>
    public string? Key { get; init; }

    /// <summary>What a plugin said, where it is a plugin's answer: it may have headers of its own.</summary>
    public ContentAnswer? Own { get; init; }
}
