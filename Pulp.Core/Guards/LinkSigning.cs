using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Makes signed links: for plugins, and for whoever may change the guard.</summary>
internal sealed class LinkSigning(SignedLinks links, ResourceStore store, Database database, TimeProvider clock)
    : ISignedLinks
{
    private static readonly Uri Anywhere = new("http://localhost");

    public async Task<string> SignAsync(Guid guard, string path, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.StartsWith('/'))
        {
            throw new ArgumentException($"'{path}' doesn't begin with a slash.", nameof(path));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime.TotalSeconds, 1, nameof(lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime.TotalSeconds, SignLink.Longest, nameof(lifetime));
        var found = await store.FindAsync<ContentRedirectContentGuard>(
            database,
            Reach.Server,
            guard,
            cancellationToken
        );
        return found is null
            ? throw new NotFoundException("No ContentRedirectContentGuard matches the given query.")
            : links.Sign(found, path, clock.GetUtcNow() + lifetime);
    }

    /// <summary>The operation <c>sign</c> of a guard.</summary>
    public static Task<ActionAnswer> RunAsync(
        ActionRequest<ContentRedirectContentGuard, SignLink> request,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (links, clock) = (
            request.Services.GetRequiredService<SignedLinks>(),
            request.Services.GetRequiredService<TimeProvider>()
        );
        var isWhole = Uri.TryCreate(request.Body.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        if (!isWhole && !(request.Body.Url.StartsWith('/') && Uri.TryCreate(Anywhere, request.Body.Url, out url)))
        {
            throw new ValidationException("url", "It is neither an address nor a path that begins with a slash.");
        }

        var until = clock.GetUtcNow() + TimeSpan.FromSeconds(request.Body.Lifetime);
        var path = links.Sign(request.Resource, Uri.UnescapeDataString(url!.AbsolutePath), until);
        return Task.FromResult(
            ActionAnswer.Body(
                new SignedLink
                {
                    Url = isWhole ? url.GetLeftPart(UriPartial.Authority) + path : path,
                    ExpiresAt = until,
                }
            )
        );
    }
}

/// <summary>What is to be signed.</summary>
internal sealed record SignLink
{
    /// <summary>Seven days, as those who sign links to object storage have it.</summary>
    public const int Longest = 7 * 24 * 3600;

    /// <summary>The address.</summary>
    [Field("The address of something that is served behind the guard, or its path.", MaxLength = 4000)]
    public required string Url { get; init; }

    /// <summary>Seconds.</summary>
    [Field("For how many seconds the link is good.", Minimum = 1, Maximum = Longest)]
    public long Lifetime { get; init; } = 3600;
}

/// <summary>A signed link.</summary>
internal sealed record SignedLink
{
    /// <summary>The link.</summary>
    [Field("The link: whoever has it gets in.")]
    public required string Url { get; init; }

    /// <summary>Its end.</summary>
    [Field("When the link ends.")]
    public required DateTimeOffset ExpiresAt { get; init; }
}
