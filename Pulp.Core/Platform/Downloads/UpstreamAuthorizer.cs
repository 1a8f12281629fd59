using System.Net.Http.Headers;
using System.Text;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Knows how a plugin authorizes requests to the upstreams of its kinds of remotes.</summary>
internal interface IUpstreamAuthorizations
{
    /// <summary>A new one for the remote as it is; null where name and password do.</summary>
    UpstreamAuthorization? For(Remote remote);
}

/// <summary>Asks a plugin's authorization about the requests to one remote.</summary>
internal sealed class UpstreamAuthorizer(Remote remote, UpstreamAuthorization authorization)
{
    private const int LongestText = 1024 * 1024;

    /// <summary>Gives the request the header that the plugin wants; answers false when the remote's own stays.</summary>
    public async ValueTask<bool> AuthorizeAsync(
        UpstreamClient client,
        HttpRequestMessage request,
        IReadOnlyList<AuthenticationHeaderValue> challenges,
        CancellationToken cancellationToken
    )
    {
        var attempt = new Attempt(client)
        {
            Remote = remote,
            Url = request.RequestUri ?? throw new InvalidOperationException("The request has no address."),
            Method = request.Method.Method,
            Challenges = challenges,
        };
        if (await authorization.AuthorizeAsync(attempt, cancellationToken) is not { } header)
        {
            return false;
        }

        request.Headers.Authorization = header;
        return true;
    }

    private sealed class Attempt(UpstreamClient client) : UpstreamAttempt
    {
        public override async Task<string> GetTextAsync(UpstreamRequest request, CancellationToken cancellationToken)
        {
            using var response = await client.SendBareAsync(new UpstreamCall(request), cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[LongestText + 1];
            var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return read > LongestText
                ? throw new UpstreamException(
                    $"{UpstreamAddress.Shown(request.Url)} sends more than {LongestText} bytes."
                )
                : Encoding.UTF8.GetString(buffer, 0, read);
        }
    }
}
