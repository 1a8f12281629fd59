using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pulp.Core.Platform.Json;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Lets those in who send the header's value, in base64. Whatever is wrong with it is refused in the same words.</summary>
internal sealed class HeaderCheck : GuardCheck<HeaderContentGuard>
{
    private static readonly GuardAnswer Refusal = GuardAnswer.Refused("Access denied.");

    // As long as the guards themselves are in memory.
    private readonly ConditionalWeakTable<HeaderContentGuard, Wanted> _wanted = [];

    public override ValueTask<GuardAnswer> AskAsync(
        HeaderContentGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    )
    {
        var values = request.Headers[guard.HeaderName];
        var wanted = _wanted.GetValue(guard, g => new Wanted(g));
        return ValueTask.FromResult(
            values.Count > 0 && Decode(values[0] ?? "") is { } value && wanted.Is(value)
                ? GuardAnswer.Permitted
                : Refusal
        );
    }

    private static byte[]? Decode(string value)
    {
        var bytes = new byte[(value.Length / 4 * 3) + 3];
        return value.Length > 0 && Convert.TryFromBase64String(value, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>What a guard wants, made ready once.</summary>
    private sealed class Wanted(HeaderContentGuard guard)
    {
        private readonly byte[] _value = Encoding.UTF8.GetBytes(guard.HeaderValue);
        private readonly JqFilter? _filter = guard.JqFilter is null ? null : JqFilter.Parse(guard.JqFilter);

        public bool Is(byte[] given) =>
            _filter is null
                ? CryptographicOperations.FixedTimeEquals(given, _value)
                : Filtered(_filter, given) is { } text
                    && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), _value);

        private static string? Filtered(JqFilter filter, byte[] given)
        {
            try
            {
                using var document = JsonDocument.Parse(given);
                return filter.FirstText(document.RootElement);
            }
            catch (JsonException)
            {
                return null; // It isn't JSON: refused like any other wrong value.
            }
        }
    }
}
