using Microsoft.AspNetCore.Http;

namespace PulpContainer.Registry;

/// <summary>Headers of every answer of the registry.</summary>
internal static class RegistryHeaders
{
    private const string Version = "Docker-Distribution-Api-Version";
    private const string Signatures = "X-Registry-Supports-Signatures";

    public static IReadOnlyDictionary<string, string> With(params (string Name, string Value)[] more)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Version] = "registry/2.0",
            [Signatures] = "1",
        };
        foreach (var (name, value) in more)
        {
            headers[name] = value;
        }

        return headers;
    }

    public static void Add(IHeaderDictionary headers)
    {
        headers[Version] = "registry/2.0";
        headers[Signatures] = "1";
    }

    /// <summary>Those of a refusal, which are set when everything that was set before is forgotten.</summary>
    public static void AddToRefusal(HttpContext context, RegistryError? error) =>
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            Add(headers);
            foreach (var (name, value) in error?.Headers ?? new Dictionary<string, string>())
            {
                headers[name] = value;
            }

            if (error?.Challenge is { } challenge)
            {
                headers.WWWAuthenticate = challenge;
            }

            return Task.CompletedTask;
        });
}
