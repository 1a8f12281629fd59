using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Http;

/// <summary>Who may call an operation. There is no default: whoever adds an operation says it.</summary>
internal abstract record AccessRule
{
    private AccessRule() { }

    /// <summary>Anybody, also without credentials.</summary>
    public sealed record Public : AccessRule;

    /// <summary>Any signed-in user: for what concerns nobody but the caller.</summary>
    public sealed record SignedIn : AccessRule;

    /// <summary>Whom the access policy lets.</summary>
    /// <param name="Name">The policy, as Pulp calls it: <c>repositories/file/file</c>.</param>
    /// <param name="Action">What is done, in Pulp's words: <c>list</c>, <c>retrieve</c>, <c>destroy</c>, <c>sync</c>.</param>
    /// <param name="Target">To what it is done.</param>
    /// <param name="Kind">The kind of the object or parent; null where there is none.</param>
    /// <param name="Permission">
    /// What the standard policy asks for; empty for administrators alone, null where the policy is no kind's and is written out.
    /// </param>
    public sealed record Policy(string Name, string Action, Target Target, ResourceKind? Kind, string? Permission)
        : AccessRule
    {
        /// <summary>Whether nobody else may, whatever is written: there is no policy.</summary>
        public bool IsForAdministrators => Permission is "" || Kind is { IsForAdministrators: true };
    }
}

/// <summary>What an operation is done to.</summary>
internal enum Target
{
    /// <summary>Nothing in particular.</summary>
    None,

    /// <summary>The kind as a whole.</summary>
    Kind,

    /// <summary>The object whose key the path holds.</summary>
    Object,

    /// <summary>Something below the object whose key the path holds.</summary>
    Parent,
}

/// <summary>An operation of the API: route, rule and document in one declaration.</summary>
internal sealed record Operation
{
    public required string Id { get; init; }

    public required string Method { get; init; }

    /// <summary>ASP.NET's route pattern.</summary>
    public required string Route { get; init; }

    /// <summary>The path in the API document, where it isn't the route.</summary>
    public string DocumentPath
    {
        get => field ?? Route;
        init;
    }

    /// <summary>Behind which part of its path the domain stands, for a path outside the API that has one.</summary>
    public string? DomainAfter { get; init; }

    public required string Tag { get; init; }

    /// <summary>The component it belongs to, where its kind doesn't say that.</summary>
    public string? Component { get; init; }

    public required string Summary { get; init; }

    public required AccessRule Access { get; init; }

    public required OperationHandler Handler { get; init; }

    public IReadOnlyList<OperationParameter> Parameters { get; init; } = [];

    /// <summary>Name of the request's schema.</summary>
    public string? Body { get; init; }

    public BodyForms Forms { get; init; } = BodyForms.JsonFirst;

    /// <summary>Schema name by status; null is no body.</summary>
    public IReadOnlyDictionary<int, JsonObject?> Responses { get; init; } = new Dictionary<int, JsonObject?>();

    /// <summary>The Accept header doesn't matter: clients that want another form than JSON still get what there is.</summary>
    public bool AcceptsAnything { get; init; }

    /// <summary>Largest request, in bytes; null is unlimited because the body goes straight to temporary storage.</summary>
    public long? MaxRequestBytes { get; init; } = 32 * 1024 * 1024;
}

internal enum BodyForms
{
    JsonFirst,
    FormsOnly,
}

/// <summary>A parameter in the API document.</summary>
internal sealed record OperationParameter(
    string Name,
    string In,
    JsonObject Schema,
    bool Required = false,
    bool Compact = false
)
{
    /// <summary>It names the domain, which clients fill in by themselves.</summary>
    public bool IsDomain { get; init; }

    /// <summary>One sentence, where none follows from its name.</summary>
    public string? Description { get; init; }
}

/// <summary>All operations, as they are mapped and documented.</summary>
internal sealed class ApiOperations
{
    private readonly Dictionary<string, Operation> _operations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);
    private readonly List<Operation> _described = [];

    public IReadOnlyCollection<Operation> All => _operations.Values;

    /// <summary>Those that the document has: all of them, and plugins' own routes.</summary>
    public IEnumerable<Operation> Documented => All.Concat(_described);

    public IReadOnlyDictionary<string, JsonObject> Schemas => _schemas;

    public void Add(Operation operation)
    {
        if (!_operations.TryAdd(operation.Id, operation))
        {
            throw new InvalidOperationException($"Two operations are called {operation.Id}.");
        }
    }

    /// <summary>Adds an operation to the document that is answered outside the API.</summary>
    public void Describe(Operation operation) => _described.Add(operation);

    public void Replace(Operation operation) => _operations[operation.Id] = operation;

    public void Schema(string name, JsonObject schema) => _schemas.TryAdd(name, schema);

    /// <summary>The identity parameter of a path that begins with a resource's href.</summary>
    public static OperationParameter Href(ResourceKind kind) =>
        Href(kind.HrefParameter) with
        {
            Description = $"The href of the {Names.Words(kind.ModelName)}.",
        };

    public static OperationParameter Href(string name) => new(name, "path", OpenApi.Schemas.Text(), Required: true);
}
