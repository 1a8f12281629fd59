using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>Sentences for parameters that bring none of their own: they follow from the parameter's name.</summary>
internal static class ParameterDescriptions
{
    private static readonly Dictionary<string, string> ByName = new(StringComparer.Ordinal)
    {
        ["limit"] = "How many to answer at most.",
        ["offset"] = "How many to pass over first.",
        ["ordering"] = "Members to order by, each with - before it for the reverse.",
        ["q"] = "An expression of this list's filters with AND, OR, NOT and parentheses.",
        ["fields"] = "The members to answer; all where none is named.",
        ["exclude_fields"] = "The members to leave out.",
        ["minimal"] = "Whether only the members are answered that say how far something is.",
        ["lang"] = "The language of the texts; there is one.",
        ["Content-Range"] = "Where the chunk belongs: bytes first-last/total, both ends included.",
        ["pulp_label_select"] =
            "Lists those whose labels fit all terms: key, !key, key=value, key!=value or key~part, joined by commas.",
        ["pulp_type"] = "Lists those of this kind.",
        ["orphaned_for"] = "Lists those that no repository has held for so many minutes.",
        ["repository_version"] = "Lists what is in this repository version, or in the latest of this repository.",
        ["repository_version_added"] = "Lists what this repository version has added.",
        ["repository_version_removed"] = "Lists what this repository version has removed.",
        ["with_content"] = "Lists those that hold this content unit.",
        ["latest_with_content"] = "Lists those whose latest version holds this content unit.",
        ["content"] = "Lists those that hold this content unit.",
        ["content__in"] = "Lists those that hold one of these content units.",
        ["online"] = "Lists those that have given a sign of life lately, or have not.",
        ["missing"] = "Lists those that have given no sign of life lately, or have.",
        ["created_resources"] = "Lists those that created this resource.",
        ["exclusive_resources"] = "Lists those that keep this resource for themselves.",
        ["exclusive_resources__in"] = "Lists those that keep all of these resources for themselves.",
        ["shared_resources"] = "Lists those that share this resource.",
        ["shared_resources__in"] = "Lists those that share all of these resources.",
        ["reserved_resources"] = "Lists those that reserve this resource in either way.",
        ["reserved_resources__in"] = "Lists those that reserve all of these resources in either way.",
        ["child_tasks"] = "Lists the one that started this task.",
    };

    // Of two that end alike the longer comes first.
    private static readonly (string Suffix, string Sentence)[] BySuffix =
    [
        ("__istartswith", "Lists those whose {0} begins with this, whatever its case."),
        ("__startswith", "Lists those whose {0} begins with this."),
        ("__icontains", "Lists those whose {0} contains this, whatever its case."),
        ("__contains", "Lists those whose {0} contains this."),
        ("__iexact", "Lists those whose {0} is this, whatever its case."),
        ("__iregex", "Lists those whose {0} fits this regular expression, whatever its case."),
        ("__regex", "Lists those whose {0} fits this regular expression."),
        ("__isnull", "Lists those that have no {0}, or those that have one."),
        ("__range", "Lists those whose {0} lies between these two, both included."),
        ("__gte", "Lists those whose {0} is this or more."),
        ("__lte", "Lists those whose {0} is this or less."),
        ("__gt", "Lists those whose {0} is more than this."),
        ("__lt", "Lists those whose {0} is less than this."),
        ("__ne", "Lists those whose {0} is anything but this."),
        ("__in", "Lists those whose {0} is one of these."),
        ("", "Lists those whose {0} is this."),
    ];

    public static string Of(OperationParameter parameter)
    {
        var name = parameter.Name;
        if (parameter.In == "path")
        {
            return $"The href of the {name.Replace("_href", "", StringComparison.Ordinal).Replace('_', ' ')}.";
        }

        if (ByName.TryGetValue(name, out var known))
        {
            return known;
        }

        var (suffix, sentence) = BySuffix.First(s => name.EndsWith(s.Suffix, StringComparison.Ordinal));
        return sentence.Replace("{0}", name[..^suffix.Length].Replace('_', ' '), StringComparison.Ordinal);
    }
}
