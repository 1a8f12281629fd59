using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;

namespace PulpContainer.Registry;

/// <summary>A refusal in the words of the OCI distribution specification ("Error Codes").</summary>
/// <param name="code">One of the specification's codes.</param>
/// <param name="message">A sentence for the client.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class RegistryError(string code, string message, int status) : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => code;

    /// <inheritdoc />
    public override int Status => status;

    /// <summary>What a 401 says in <c>WWW-Authenticate</c>.</summary>
    public string? Challenge { get; init; }

    /// <summary>Headers that go with it.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static RegistryError NameUnknown() =>
        new("NAME_UNKNOWN", "The repository isn't known to this registry.", 404);

    public static RegistryError NameInvalid(string why) => new("NAME_INVALID", why, 400);

    public static RegistryError BlobUnknown() => new("BLOB_UNKNOWN", "The blob isn't known to this repository.", 404);

    public static RegistryError ManifestUnknown() =>
        new("MANIFEST_UNKNOWN", "The manifest isn't known to this repository.", 404);

    public static RegistryError ManifestInvalid(string why) => new("MANIFEST_INVALID", why, 400);

    public static RegistryError DigestInvalid(string why) => new("DIGEST_INVALID", why, 400);

    public static RegistryError UploadUnknown() =>
        new("BLOB_UPLOAD_UNKNOWN", "The upload isn't known to this repository, or no longer.", 404);

    public static RegistryError Unsupported(string why, int status = 405) => new("UNSUPPORTED", why, status);

    public static RegistryError Denied() => new("DENIED", "The requested access to the resource is denied.", 403);

    /// <summary><c>{"errors": [{"code", "message", "detail"}]}</c>.</summary>
    public static ContentAnswer.Bytes Body(RouteFailure failure)
    {
        var code = failure switch
        {
            { Error: RegistryError known } => known.Code,
            { Error: DigestException } => "DIGEST_INVALID",
            { Error: UploadRangeException or ConflictException } => "BLOB_UPLOAD_INVALID",
            { Status: 401 } => "UNAUTHORIZED",
            { Status: 403 } => "DENIED",
            { Status: 404 } => "NAME_UNKNOWN",
            { Status: 413 } => "SIZE_INVALID",
            { Status: 429 } => "TOOMANYREQUESTS",
            { Status: < 500 } => "UNSUPPORTED",
            _ => "UNKNOWN",
        };
        return new ContentAnswer.Bytes(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    errors = new[]
                    {
                        new
                        {
                            code,
                            message = failure.Message,
                            detail = new { },
                        },
                    },
                }
            ),
            "application/json"
        );
    }
}
