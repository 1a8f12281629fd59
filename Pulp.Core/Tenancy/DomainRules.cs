using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Tenancy;

/// <summary>What a domain may be called, and where it may store files.</summary>
internal static partial class DomainRules
{
    /// <summary>The default domain is what the server's settings say.</summary>
    /// <exception cref="FieldlessException">It is the default domain.</exception>
    public static void RefuseDefault(Guid domain, string done)
    {
        if (domain == Domains.Default)
        {
            throw new FieldlessException($"Default domain can not be {done}.");
        }
    }

    /// <summary>Checks a change, and completes its storage settings.</summary>
    public static void Check(ChangeInput input)
    {
        if (input.Key is { } key)
        {
            RefuseDefault(key.Id, "updated");
        }

        CheckName(input);
        var storage = input.Kind.FieldOf(nameof(Domain.StorageSettings));
        var kept =
            input.Current is Domain current && current.StorageClass == input.Value<string>(nameof(Domain.StorageClass));
        if (
            (input.Given.Has(storage) || !kept)
            && ReadStorage(
                input.Value<string>(nameof(Domain.StorageClass)),
                input.Given[storage] as string,
                kept ? ((Domain?)input.Current)?.StorageSettings : null,
                input.Errors
            )
                is { } settings
        )
        {
            input.Given[storage] = input.Merged[storage] = settings;
        }
    }

    private static void CheckName(ChangeInput input)
    {
        if (input.Given[input.Kind.FieldOf(nameof(Domain.Name))] is not string name || input.Errors.Has("name"))
        {
            return;
        }

        if (!NameShape().IsMatch(name))
        {
            input.Errors.Add("name", "Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.");
        }
        else if (name.ToLowerInvariant() is "api" or "content")
        {
            input.Errors.Add("name", "Name can not be 'api' or 'content'.");
        }
    }

    /// <summary>The storage settings as they are kept; null where something is wrong with them or the request.</summary>
    /// <param name="storageClass">The storage class.</param>
    /// <param name="given">The settings of the request, as JSON; null for none.</param>
    /// <param name="stored">Those that stay where the request doesn't name them.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <exception cref="ShapedException">Single settings are wrong.</exception>
    public static string? ReadStorage(string? storageClass, string? given, string? stored, ValidationErrors errors)
    {
        if (!errors.IsEmpty || storageClass is null)
        {
            return null;
        }

        if (storageClass != StorageClasses.FileSystem)
        {
            errors.Add("storage_class", "Backend is not installed on Pulp.");
            return null;
        }

        var settings = FileSystemSettings.Read(Parse(given) ?? [], Parse(stored));
        try
        {
            FileStorage.CheckWritable((string?)settings[FileSystemSettings.Location] ?? "");
            return settings.ToJsonString(WireJson.Options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            errors.Add("storage_settings", $"Backend settings contain incorrect values: {error.Message}");
            return null;
        }
    }

    private static JsonObject? Parse(string? json) => json is null ? null : JsonNode.Parse(json) as JsonObject;

    [GeneratedRegex(@"^[-a-zA-Z0-9_]+\z")]
    private static partial Regex NameShape();
}
