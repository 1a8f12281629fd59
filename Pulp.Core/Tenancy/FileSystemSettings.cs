using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Tenancy;

/// <summary>
/// The settings of a domain whose files lie in a directory, as the wire has them. They come under the server's names
/// (<c>MEDIA_ROOT</c>, in any case) or under the storage's own (<c>location</c>).
/// </summary>
internal static class FileSystemSettings
{
    public const string Location = "location";
    public const string FileMode = "file_permissions_mode";
    public const string DirectoryMode = "directory_permissions_mode";
    private const string BaseUrl = "base_url";
    private const int UsualFileMode = 0b110_100_100;
    private const int LargestMode = 0b111_111_111;
    private const int LongestLocation = 3000;

    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["media_root"] = Location,
        ["media_url"] = BaseUrl,
        ["file_upload_permissions"] = FileMode,
        ["file_upload_directory_permissions"] = DirectoryMode,
    };

    /// <summary>The settings with all their members.</summary>
    /// <param name="given">What a request says.</param>
    /// <param name="stored">What stays where the request doesn't say it.</param>
    /// <exception cref="ShapedException">Something of it can't be used.</exception>
    public static JsonObject Read(JsonObject given, JsonObject? stored)
    {
        var faults = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var values = stored is null ? [] : (JsonObject)stored.DeepClone();
        foreach (var (name, value) in given)
        {
            var own = Names.GetValueOrDefault(name, name);
            if (Names.ContainsValue(own))
            {
                values[own] = value?.DeepClone();
            }
            else
            {
                faults[FilterName(name)] = "Unexpected field";
            }
        }

        // Unknown names are told alone, as Pulp does.
        if (faults.Count > 0)
        {
            throw new StorageSettingsException(faults);
        }

        var read = new JsonObject
        {
            [Location] = Text(values, Location, required: true, faults),
            [BaseUrl] = Text(values, BaseUrl, required: false, faults),
            [FileMode] = Mode(values, FileMode, UsualFileMode, faults),
            [DirectoryMode] = Mode(values, DirectoryMode, otherwise: null, faults),
        };
        return faults.Count == 0 ? read : throw new StorageSettingsException(faults);
    }

    private static string FilterName(string name) => Platform.Resources.FilterInput.Shorten(name);

    private static string? Text(JsonObject values, string name, bool required, SortedDictionary<string, object> faults)
    {
        if (!values.TryGetPropertyValue(name, out var value))
        {
            if (required)
            {
                faults[name] = new[] { "This field is required." };
            }

            return "";
        }

        if (value is null)
        {
            faults[name] = new[] { "This field may not be null." };
            return null;
        }

        if (value.GetValueKind() != JsonValueKind.String)
        {
            faults[name] = new[] { "Not a valid string." };
            return null;
        }

        var text = value.GetValue<string>().Trim();
        if (text.Length > LongestLocation)
        {
            faults[name] = new[] { $"Ensure this field has no more than {LongestLocation} characters." };
        }
        else if (name == Location && text.Length > 0 && !Path.IsPathFullyQualified(text))
        {
            faults[name] = new[] { "This must be an absolute path, or empty for the server's own storage." };
        }

        return text;
    }

    private static JsonNode? Mode(
        JsonObject values,
        string name,
        int? otherwise,
        SortedDictionary<string, object> faults
    )
    {
        if (!values.TryGetPropertyValue(name, out var value))
        {
            return otherwise;
        }

        if (value is null && otherwise is null)
        {
            return null;
        }

        if (value is not JsonValue number || !number.TryGetValue<int>(out var mode))
        {
            faults[name] = new[] { value is null ? "This field may not be null." : "A valid integer is required." };
            return null;
        }

        if (mode is < 0 or > LargestMode)
        {
            faults[name] = new[] { $"Ensure this value is between 0 and {LargestMode}." };
        }

        return mode;
    }
}

/// <summary>What is wrong with a domain's storage settings, by their names.</summary>
internal sealed class StorageSettingsException(object faults) : ShapedException("The storage settings can't be used.")
{
    public override object Body => new Dictionary<string, object> { ["storage_settings"] = faults };
}
