using System.Text.Json;
using Pulp.PluginSdk.Processes;
using Pulp.PluginSdk.Signing;

namespace Pulp.Core.Signing;

/// <summary>Runs the script of a service on one file.</summary>
internal static class SigningScript
{
    /// <summary>A signature of a large file is as small as any other.</summary>
    private const int LargestSignature = 4 * 1024 * 1024;

    public static async Task<byte[]> SignAsync(
        SigningService service,
        SigningOrder order,
        string directory,
        string correlationId,
        CancellationToken cancellationToken
    )
    {
        // Several files of a task may be signed at the same time.
        var own = Path.Combine(directory, $"sign-{Guid.NewGuid():N}");
        Directory.CreateDirectory(own);
        var file = Path.Combine(own, "file");
        await File.WriteAllBytesAsync(file, order.Content, cancellationToken);
        var script = new ChildProcess
        {
            Program = service.Script,
            Arguments = [file],
            Directory = own,
            Environment = Environment(service, order, correlationId, Path.Combine(own, "signature")),
        };
        var end = await script.RunAsync(cancellationToken);
        if (end.ExitCode != 0)
        {
            throw new ProgramException($"The signing service '{service.Name}' failed: {Reason(end)}");
        }

        var path = Path.Combine(own, PathOf(service, order, end));
        try
        {
            return await ReadAsync(service, path, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"The signature of '{service.Name}' can't be read: {error.Message}", error);
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    private static Dictionary<string, string> Environment(
        SigningService service,
        SigningOrder order,
        string correlationId,
        string signature
    )
    {
        var environment = new Dictionary<string, string>(order.Environment, StringComparer.Ordinal)
        {
            ["PULP_SIGNING_KEY_FINGERPRINT"] = service.PubkeyFingerprint,
            ["CORRELATION_ID"] = correlationId,
        };
        if (order.PathVariable is { } variable)
        {
            environment[variable] = signature;
        }

        return environment;
    }

    private static string Reason(ProcessEnd end) =>
        end.Errors.Length > 0 ? end.Errors : $"it ended with exit code {end.ExitCode}.";

    private static string PathOf(SigningService service, SigningOrder order, ProcessEnd end)
    {
        JsonDocument answer;
        try
        {
            answer = JsonDocument.Parse(end.Output);
        }
        catch (JsonException error)
        {
            throw new ProgramException("The signing service script did not return valid JSON!", error);
        }

        using (answer)
        {
            foreach (var member in order.AnswerMembers)
            {
                if (
                    answer.RootElement.ValueKind == JsonValueKind.Object
                    && answer.RootElement.TryGetProperty(member, out var path)
                    && path.ValueKind == JsonValueKind.String
                )
                {
                    return path.GetString() ?? "";
                }
            }
        }

        throw new ProgramException(
            $"The script of the signing service '{service.Name}' printed no '{order.AnswerMembers[0]}' with the path of the signature."
        );
    }

    private static async Task<byte[]> ReadAsync(
        SigningService service,
        string path,
        CancellationToken cancellationToken
    )
    {
        await using var stream = File.OpenRead(path);
        return stream.Length > LargestSignature
            ? throw new ProgramException($"The signature of '{service.Name}' is larger than {LargestSignature} bytes.")
            : await ReadAllAsync(stream, cancellationToken);
    }

    private static async Task<byte[]> ReadAllAsync(FileStream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
