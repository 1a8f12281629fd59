namespace Pulp.Core.Platform.Resources;

/// <summary>Which members of its answer a request asks for.</summary>
internal static class SelectedOutputs
{
    /// <summary>The members that <c>fields</c> and <c>exclude_fields</c> leave.</summary>
    public static IReadOnlyList<OutputField> Of(HttpRequest request, ResourceKind kind, bool read = false)
    {
        IReadOnlyList<OutputField> all =
            read && kind.MoreWhenRead.Count > 0 ? [.. kind.Outputs, .. kind.MoreWhenRead] : kind.Outputs;
        var only = Listed(request, "fields");
        var not = Listed(request, "exclude_fields");
        var minimal =
            kind.MinimalOutputs.Count > 0
            && request.Query["minimal"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase);
        return only.Count == 0 && not.Count == 0 && !minimal
            ? all
            :
            [
                .. all.Where(o =>
                    (only.Count == 0 || only.Contains(o.Name))
                    && !not.Contains(o.Name)
                    && (!minimal || kind.MinimalOutputs.Contains(o.Name))
                ),
            ];
    }

    private static HashSet<string> Listed(HttpRequest request, string name) =>
        [
            .. request
                .Query[name]
                .OfType<string>()
                .SelectMany(v => v.Split(','))
                .Select(v => v.Trim())
                .Where(v => v.Length > 0),
        ];
}
