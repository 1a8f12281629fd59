using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Audit;

/// <summary>Something that somebody did, or was refused. Bodies, queries and credentials are no part of it.</summary>
internal sealed record AuditEvent : PulpResource
{
    public const string SignIn = "sign_in";
    public const string Change = "change";
    public const string Refusal = "refusal";

    [Field(
        "What it was: a session that was opened, a request that changes something, or one that was refused.",
        ReadOnly = true,
        Choices = [SignIn, Change, Refusal],
        Filter = Lookups.Exact | Lookups.In
    )]
    public string Kind { get; init; } = Change;

    [Field("Who signed in; null for nobody, and for wrong credentials.", ReadOnly = true, Filter = Lookups.Text)]
    public string? Username { get; init; }

    [Field("Whether a token stood for the account.", ReadOnly = true, Filter = Lookups.Exact)]
    public bool WithToken { get; init; }

    [Field("The request's method.", ReadOnly = true, Filter = Lookups.Exact | Lookups.In)]
    public string Method { get; init; } = "";

    [Field("The request's path.", ReadOnly = true, Filter = Lookups.Text, NotSortable = true)]
    public string Path { get; init; } = "";

    [Field("The answer's status.", ReadOnly = true, Filter = Lookups.Number)]
    public long Status { get; init; }

    [Field("Where it came from.", ReadOnly = true, Filter = Lookups.Exact | Lookups.In)]
    public string Address { get; init; } = "";

    [Field("The same as in the log, and in the task that came of it.", ReadOnly = true, Filter = Lookups.Exact)]
    public string CorrelationId { get; init; } = "";
}

/// <summary>The kind: administrators read it, and nobody writes it.</summary>
internal static class AuditKinds
{
    public static ResourceKind Kind() =>
        new("core", "auditevent", typeof(AuditEvent), "core_auditevent", detailTable: null)
        {
            Path = "audit_log/",
            IsForAdministrators = true,
            OperationStem = "audit_log",
            Tag = "Audit_Log",
            Verbs = Verbs.List | Verbs.Read,
            Members = (kind, _) =>
                FieldFilters.Add(kind, "pulp_created", "m.pulp_created", FieldType.Timestamp, Lookups.Date),
        };
}
