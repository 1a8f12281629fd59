namespace Pulp.Core.Platform.Resources;

/// <summary>The master table of each family.</summary>
internal static class MasterTables
{
    private static readonly (Type Type, string Table)[] Known =
    [
        (typeof(Content), "core_content"),
        (typeof(Remote), "core_remote"),
        (typeof(Repository), "core_repository"),
        (typeof(Publication), "core_publication"),
        (typeof(Distribution), "core_distribution"),
        (typeof(ContentGuard), "core_contentguard"),
        (typeof(AlternateContentSource), "core_alternatecontentsource"),
    ];

    public static string Of(Type record) =>
        Known.FirstOrDefault(k => k.Type.IsAssignableFrom(record)).Table
        ?? throw new InvalidOperationException($"{record.Name} belongs to no family of resources.");
}
