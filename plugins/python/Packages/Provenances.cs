using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pulp.PluginSdk.Errors;
using PulpPython.Attestations;
using PulpPython.Metadata;

namespace PulpPython.Packages;

/// <summary>Makes provenances (PEP 740): of the attestations that come with an upload, and of files that hold one.</summary>
internal static class Provenances
{
    /// <summary>Far more than any provenance has.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const int MostAttestations = 20;
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The provenance that an upload's attestations make, published by who uploads.</summary>
    /// <param name="attestations">A JSON list, or a text that holds one.</param>
    /// <param name="package">The package.</param>
    /// <param name="caller">The uploader's account; null for nobody.</param>
    /// <exception cref="ValidationException">They aren't attestations of this package.</exception>
    public static PackageProvenance OfUpload(string attestations, PythonPackageContent package, long? caller)
    {
        using var document = Parse("attestations", Unwrapped(attestations));
        var list = document.RootElement;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MostAttestations)
        {
            throw new ValidationException("attestations", "Invalid attestations: a list of one or more is expected.");
        }

        var name = new PackageName { Filename = package.Filename, Sha256 = package.Sha256 };
        Check("attestations", list.EnumerateArray(), name, verify: true);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteStartArray("attestation_bundles");
            json.WriteStartObject();
            json.WriteStartObject("publisher");
            json.WriteString("kind", "Pulp User");
            json.WriteString("prn", $"prn:auth.user:{caller}");
            json.WriteEndObject();
            json.WritePropertyName("attestations");
            list.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        using var provenance = JsonDocument.Parse(stream.ToArray());
        return Of(provenance.RootElement, Guid.Empty);
    }

    /// <summary>The provenance that a file holds.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="given">What the request says: the package's id, and labels.</param>
    /// <param name="package">The package.</param>
    /// <param name="verify">Whether its attestations are verified.</param>
    /// <exception cref="ValidationException">It is no provenance, or of another package.</exception>
    public static PackageProvenance OfFile(byte[] bytes, PackageProvenance given, PackageName package, bool verify)
    {
        using var document = Parse("file", Encoding.UTF8.GetString(bytes));
        CheckProvenance("file", document.RootElement, package, verify);
        return Of(document.RootElement, given.Package) with { PulpLabels = given.PulpLabels };
    }

    /// <exception cref="ValidationException">It is no provenance, or of another package.</exception>
    public static void CheckProvenance(string field, JsonElement provenance, PackageName package, bool verify)
    {
        try
        {
            if (Attestation.Member(provenance, "version", JsonValueKind.Number).GetRawText() != "1")
            {
                throw new AttestationException("its version is not 1");
            }

            var bundles = Attestation.Member(provenance, "attestation_bundles", JsonValueKind.Array);
            foreach (var bundle in bundles.EnumerateArray())
            {
                Attestation.Member(
                    Attestation.Member(bundle, "publisher", JsonValueKind.Object),
                    "kind",
                    JsonValueKind.String
                );
                var attestations = Attestation.Member(bundle, "attestations", JsonValueKind.Array);
                Check(field, attestations.EnumerateArray(), package, verify);
            }
        }
        catch (AttestationException error)
        {
            throw new ValidationException(field, $"The provenance is not valid: {error.Message}.");
        }
    }

    /// <summary>The unit of a provenance object.</summary>
    /// <param name="provenance">The object.</param>
    /// <param name="package">The package's id.</param>
    public static PackageProvenance Of(JsonElement provenance, Guid package)
    {
        var canonical = Canonical(provenance);
        return new PackageProvenance
        {
            Package = package,
            Provenance = Encoding.UTF8.GetString(canonical),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(canonical)),
        };
    }

    private static void Check(string field, IEnumerable<JsonElement> attestations, PackageName package, bool verify)
    {
        foreach (var json in attestations)
        {
            try
            {
                var attestation = Attestation.Read(json);
                if (verify)
                {
                    attestation.Verify(package);
                }
            }
            catch (AttestationException error)
            {
                throw new ValidationException(field, $"An attestation failed verification: {error.Message}.");
            }
        }
    }

    /// <summary>Clients send the list as JSON, or as a text of it.</summary>
    private static string Unwrapped(string json)
    {
        if (!json.StartsWith('"'))
        {
            return json;
        }

        using var text = Parse("attestations", json);
        return text.RootElement.GetString() ?? "";
    }

    private static JsonDocument Parse(string field, string json)
    {
        try
        {
            return JsonDocument.Parse(json).WithReadableTexts();
        }
        catch (JsonException)
        {
            throw new ValidationException(field, "Value must be valid JSON.");
        }
    }

    /// <summary>The same object is the same text, however its members were ordered.</summary>
    private static byte[] Canonical(JsonElement json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
        {
            WriteSorted(writer, json);
        }

        return stream.ToArray();
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var member in json.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(member.Name);
                WriteSorted(writer, member.Value);
            }

            writer.WriteEndObject();
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in json.EnumerateArray())
            {
                WriteSorted(writer, item);
            }

            writer.WriteEndArray();
        }
        else
        {
            json.WriteTo(writer);
        }
    }
}
