using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Artifacts;

/// <summary>What a client says of the file it uploads, and whether it is true.</summary>
internal static class UploadRules
{
    public static Expectation ReadExpectation(RequestBody body, PulpSettings settings, ValidationErrors errors)
    {
        var size = RequestFields.Integer(body, "size", errors, 0, long.MaxValue);
        var digests = new List<(string, string?)>();
        foreach (var name in Digests.Names)
        {
            if (RequestFields.Text(body, name, errors) is not { } value)
            {
                continue;
            }

            if (!settings.AllowedContentChecksums.Contains(name))
            {
                errors.Add($"Checksum algorithm {name} is forbidden: it is not one of ALLOWED_CONTENT_CHECKSUMS.");
            }

            digests.Add((name, value));
        }

        return Expectation.Of(size, digests);
    }

    /// <exception cref="ValidationException">The file isn't what the client said.</exception>
    public static void Verify(TemporaryFile file, Expectation expected)
    {
        var errors = new ValidationErrors();
        if (expected.Size is { } size && size != file.Size)
        {
            errors.Add("The size did not match actual size of file.");
        }

        foreach (var (name, value) in expected.Digests)
        {
            if (!string.Equals(file.Digests[name], value, StringComparison.OrdinalIgnoreCase))
            {
                errors.Add($"The {name} checksum did not match.");
            }
        }

        errors.ThrowIfAny();
    }
}
