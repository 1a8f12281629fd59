using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;

namespace PulpPython.Index;

/// <summary>What clients of an index are told: a sentence, or what is wrong with each field of an upload.</summary>
internal static class IndexErrors
{
    public static ContentAnswer.Bytes Body(RouteFailure failure) =>
        failure switch
        {
            { Error: ValidationException fields } => new ContentAnswer.Bytes(
                JsonSerializer.SerializeToUtf8Bytes(fields.Messages),
                "application/json"
            ),
            { Status: 401 or 403 } => RouteErrors.Detail(failure),
            _ => RouteErrors.Text(failure),
        };
}
