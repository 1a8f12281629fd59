using System.Net.Http.Headers;

namespace PulpContainer.Upstreams;

/// <summary>Where a registry's tokens come from, as its 401 says (RFC 6750, and the registry token specification).</summary>
/// <param name="Realm">The token service.</param>
/// <param name="Service">How it calls the registry; empty where it says nothing.</param>
/// <param name="Scope">What was asked for; null where it says nothing.</param>
internal sealed record BearerChallenge(Uri Realm, string Service, string? Scope)
{
    /// <summary>The first that can be followed; null where there is none.</summary>
    public static BearerChallenge? Find(IEnumerable<AuthenticationHeaderValue> challenges) =>
        challenges
            .Where(c => c.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            .Select(c => Of(QuotedParameters.Parse(c.Parameter ?? "")))
            .FirstOrDefault(c => c is not null);

    private static BearerChallenge? Of(IReadOnlyDictionary<string, string> parameters) =>
        Uri.TryCreate(parameters.GetValueOrDefault("realm"), UriKind.Absolute, out var realm)
        && realm.Scheme is "http" or "https"
            ? new BearerChallenge(
                realm!,
                parameters.GetValueOrDefault("service") ?? "",
                parameters.GetValueOrDefault("scope")
            )
            : null;

    /// <summary>The address that gives a token for a scope.</summary>
    public string UrlFor(string? scope)
    {
        var query = Realm.Query.Length > 1 ? Realm.Query[1..] + "&" : "";
        query += $"service={Uri.EscapeDataString(Service)}";
        query += scope is null ? "" : $"&scope={Uri.EscapeDataString(scope)}";
        return $"{Realm.GetLeftPart(UriPartial.Path)}?{query}";
    }
}

/// <summary>Parameters of a header: <c>name="value"</c> or <c>name=value</c>, with commas between.</summary>
internal static class QuotedParameters
{
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
            {
                break;
            }

            var name = text[at..equals].Trim(' ', ',', '\t');
            at = equals + 1;
            found.TryAdd(name, at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Plain(text, ref at));
        }

        return found;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new System.Text.StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            value.Append(text[at]);
        }

        at++;
        return value.ToString();
    }

    private static string Plain(string text, ref int at)
    {
        var end = text.IndexOf(',', at);
        end = end < 0 ? text.Length : end;
        var value = text[at..end].Trim();
        at = end + 1;
        return value;
    }
}
