using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Tasks.Profiles;

/// <summary>Links to profiles that need no account, because they are signed, and that end after an hour.</summary>
internal sealed class ProfileLinks(SecretBox secrets, TimeProvider clock)
{
    private const string Mount = "/pulp/task-profiles/";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Where they lead.</summary>
    public static MountedRoute Routes { get; } =
        new(
            Mount,
            new MountOptions { Callers = RouteCallers.Anybody },
            routes => routes.MapGet("{task}/{name}", ProfileApi.DownloadAsync)
        );

    private readonly byte[] _key = secrets.KeyFor("links to task profiles");

    public string Make(HttpRequest request, Guid task, string name)
    {
        var expires = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var token = Convert.ToHexStringLower(Sign(task, name, expires));
        return $"{request.Scheme}://{request.Host}{Mount}{task}/{name}?expires={expires}&validate_token={token}";
    }

    /// <exception cref="ForbiddenException">The link isn't ours, or its time is over.</exception>
    public void Check(HttpRequest request, Guid task, string name)
    {
        var expires = request.Query["expires"].ToString();
        var signed = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Sign(task, name, expires))),
            Encoding.ASCII.GetBytes(request.Query["validate_token"].ToString())
        );
        if (!signed)
        {
            throw new ForbiddenException("Access not authenticated");
        }

        if (
            !long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
            || until <= clock.GetUtcNow().ToUnixTimeSeconds()
        )
        {
            throw new ForbiddenException("Authentication expired");
        }
    }

    private byte[] Sign(Guid task, string name, string expires) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{task}/{name}?expires={expires}"));
}
