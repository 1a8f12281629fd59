using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pulp.Core.Rights;

/// <summary>Reads policies from the JSON in which Pulp writes them, and says what in it can't work.</summary>
internal sealed partial class PolicyReader(Conditions conditions)
{
    private const int MaxStatements = 1000;

    /// <summary>Reads statements; each fault is one line. Those with faults are left out.</summary>
    public (IReadOnlyList<Statement> Statements, IReadOnlyList<string> Faults) Statements(JsonElement json)
    {
        var (statements, faults) = (new List<Statement>(), new List<string>());
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > MaxStatements)
        {
            return ([], [$"Expected a list of at most {MaxStatements} statements."]);
        }

        foreach (var (at, item) in json.EnumerateArray().Index())
        {
            try
            {
                var source = Source(item);
                statements.Add(new Statement(source, Compile(source)));
            }
            catch (FormatException fault)
            {
                faults.Add($"Statement {at + 1}: {fault.Message}");
            }
        }

        return (statements, faults);
    }

    /// <summary>Makes a declared statement ready to be asked.</summary>
    /// <exception cref="FormatException">A condition isn't known.</exception>
    public IReadOnlyList<Condition> Compile(AccessStatement source) =>
        [
            .. source.Conditions.Select(conditions.Find),
            .. source.Expressions.Select(e => ConditionExpression.Parse(e, conditions.Find)),
        ];

    /// <summary>Reads creation hooks.</summary>
    /// <exception cref="FormatException">One can't work.</exception>
    public static IReadOnlyList<CreationHook> Hooks(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return json.ValueKind == JsonValueKind.Array
            ? [.. json.EnumerateArray().Select(Hook)]
            : throw new FormatException("Expected a list of creation hooks.");
    }

    private static CreationHook Hook(JsonElement json)
    {
        RefuseUnknown(json, "function", "parameters");
        var function = json.TryGetProperty("function", out var name) ? name.ToString() : "";
        var parameters = json.TryGetProperty("parameters", out var given) ? given : default;
        var holders = function switch
        {
            CreationHook.ForCreator => null,
            CreationHook.ForUsers => "users",
            CreationHook.ForGroups => "groups",
            _ => throw new FormatException($"There is no creation hook '{function}'."),
        };
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"'{function}' needs 'parameters'.");
        }

        RefuseUnknown(parameters, "roles", holders ?? "roles");
        var roles = Texts(parameters, "roles");
        return roles is []
            ? throw new FormatException($"'{function}' needs 'roles'.")
            : new CreationHook(function, roles, holders is null ? [] : Texts(parameters, holders));
    }

    /// <summary>Reads whether lists and objects are restricted to what may be viewed.</summary>
    /// <exception cref="FormatException">It names something else than Pulp's way of doing so.</exception>
    public static bool Scoping(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return false;
        }

        RefuseUnknown(json, "function", "parameters");
        return json.TryGetProperty("function", out var function) && function.ToString() == "scope_queryset"
            ? true
            : throw new FormatException("Its function is 'scope_queryset'; null for none.");
    }

    private static AccessStatement Source(JsonElement json)
    {
        RefuseUnknown(json, "action", "principal", "effect", "condition", "condition_expression");
        var (actions, principals) = (Texts(json, "action"), Texts(json, "principal"));
        var effect = json.TryGetProperty("effect", out var given) ? given.ToString() : "";
        if (actions is [] || principals is [] || effect is not ("allow" or "deny"))
        {
            throw new FormatException("It needs 'action', 'principal', and 'allow' or 'deny' as 'effect'.");
        }

        if (actions.FirstOrDefault(a => !Action().IsMatch(a)) is { } action)
        {
            throw new FormatException($"'{action}' is no action.");
        }

        if (principals.FirstOrDefault(p => !Principal().IsMatch(p)) is { } principal)
        {
            throw new FormatException($"Nobody can be '{principal}'.");
        }

        return new AccessStatement
        {
            Actions = actions,
            Principals = principals,
            Denies = effect == "deny",
            Conditions = Texts(json, "condition"),
            Expressions = Texts(json, "condition_expression"),
        };
    }

    /// <summary>One text, or a list of them; empty where the member is absent.</summary>
    private static IReadOnlyList<string> Texts(JsonElement json, string member)
    {
        if (!json.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() is { Length: > 0 } text ? [text] : [],
            JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) =>
            [
                .. value.EnumerateArray().Select(v => v.GetString() ?? ""),
            ],
            _ => throw new FormatException($"'{member}' is a text or a list of texts."),
        };
    }

    private static void RefuseUnknown(JsonElement json, params IReadOnlyList<string> known)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("Expected an object.");
        }

        foreach (var member in json.EnumerateObject().Where(m => !known.Contains(m.Name)))
        {
            throw new FormatException($"Nothing here is called '{member.Name}'.");
        }
    }

    [GeneratedRegex(@"^(\*|<safe_methods>|<method:(get|head|options|post|put|patch|delete)>|[a-z_0-9]+)$")]
    private static partial Regex Action();

    [GeneratedRegex(@"^(\*|authenticated|anonymous|admin|staff|id:\d+|group:.+)$")]
    private static partial Regex Principal();
}
