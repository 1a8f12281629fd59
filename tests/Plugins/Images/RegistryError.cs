using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Images;

/// <summary>A refusal in the registry's words (OCI distribution specification, error codes).</summary>
internal sealed class RegistryError(string code, string message, int status) : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => code;

    /// <inheritdoc />
    public override int Status => status;

    /// <summary><c>{"errors": [{"code", "message", "detail"}]}</c>.</summary>
    public static ContentAnswer.Bytes Body(RouteFailure failure)
    {
        var code = failure switch
        {
            { Error: RegistryError known } => known.Code,
            { Status: 401 } => "UNAUTHORIZED",
            { Status: 403 } => "DENIED",
            { Status: 404 } => "NAME_UNKNOWN",
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
