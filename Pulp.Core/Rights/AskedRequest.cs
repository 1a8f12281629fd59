using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>What conditions are asked about: who wants to do what to which object, and with what.</summary>
internal sealed record AskedRequest
{
    /// <summary>Who asks; null for nobody.</summary>
    public required Caller? Caller { get; init; }

    /// <summary>Roles, policies and what is remembered of them.</summary>
    public required AccessState State { get; init; }

    public required Reach Reach { get; init; }

    /// <summary>In Pulp's words.</summary>
    public required string Action { get; init; }

    /// <summary>Whether nothing is changed by it.</summary>
    public bool IsSafe { get; init; }

    public string Method { get; init; } = "";

    /// <summary>The object of the path; absent where the path names none.</summary>
    public (ResourceKind Kind, ResourceKey Key)? Object { get; init; }

    /// <summary>The object itself, where who asks has it at hand.</summary>
    public PulpResource? AtHand { get; init; }

    /// <summary>The object below which the path is; absent where it is below none.</summary>
    public (ResourceKind Kind, ResourceKey Key)? Parent { get; init; }

    /// <summary>What was sent; null while it hasn't been read.</summary>
    public RequestBody? Body { get; init; }
}

/// <summary>One condition of a statement.</summary>
/// <param name="ReadsBody">It depends on what is sent: until that is read it counts as fulfilled, and is asked afterwards.</param>
/// <param name="HoldsAsync">Whether it is fulfilled.</param>
internal sealed record Condition(bool ReadsBody, Func<AskedRequest, CancellationToken, ValueTask<bool>> HoldsAsync);
