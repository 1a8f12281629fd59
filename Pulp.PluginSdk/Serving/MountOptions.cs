using System.Text;
using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Errors;

namespace Pulp.PluginSdk.Serving;

/// <summary>Which processes carry a plugin's routes: those that have one of the roles.</summary>
[Flags]
public enum RouteRoles
{
    /// <summary>Processes with the role <c>api</c>.</summary>
    Api = 1,

    /// <summary>Processes with the role <c>content</c>. Requests for such routes count as content in <c>REQUEST_LOG</c>.</summary>
    Content = 2,
}

/// <summary>Who may call a plugin's routes.</summary>
public enum RouteCallers
{
    /// <summary>Whoever signs in; others get 401. A route that says <c>AllowAnonymous()</c> is for anybody all the same.</summary>
    SignedIn,

    /// <summary>
    /// Anybody. Who gives a name and password, or a session, is known and must give the right ones; other credentials, such as
    /// bearer tokens, are the plugin's to look at.
    /// </summary>
    Anybody,
}

/// <summary>What holds for all of a plugin's routes below one mount.</summary>
public sealed record MountOptions
{
    /// <summary>Which processes carry them.</summary>
    public RouteRoles Roles { get; init; } = RouteRoles.Api;

    /// <summary>Who may call them.</summary>
    public RouteCallers Callers { get; init; } = RouteCallers.SignedIn;

    /// <summary>
    /// The body of a refusal or failure, also of a path or method that there is no route for: <see cref="RouteErrors.Detail"/>,
    /// <see cref="RouteErrors.Text"/> or the plugin's own.
    /// </summary>
    public Func<RouteFailure, ContentAnswer.Bytes> Errors { get; init; } = RouteErrors.Detail;

    /// <summary>What a 401 says in <c>WWW-Authenticate</c>, such as <c>Bearer realm="..."</c>; null asks for name and password.</summary>
    public Func<HttpRequest, string>? Challenge { get; init; }

    /// <summary>Largest request in bytes, files in forms among them; a larger one is 413. Null is unlimited.</summary>
    public long? MaxRequestBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Those of the routes that are to stand in the API document.</summary>
    public IReadOnlyList<RouteDescription> Document { get; init; } = [];
}

/// <summary>Why a request below a mount isn't answered as it was meant.</summary>
public sealed record RouteFailure
{
    /// <summary>The status that is answered.</summary>
    public required int Status { get; init; }

    /// <summary>A sentence for the client. For a server's fault it is the status' own words.</summary>
    public required string Message { get; init; }

    /// <summary>What was thrown, where it was foreseen: a plugin's own kinds of errors come back in it.</summary>
    public PulpException? Error { get; init; }
}

/// <summary>The bodies of failures that are common.</summary>
public static class RouteErrors
{
    /// <summary><c>{"detail": "..."}</c>, as in the API.</summary>
    /// <param name="failure">What happened.</param>
    public static ContentAnswer.Bytes Detail(RouteFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new ContentAnswer.Bytes(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["detail"] = failure.Message }
            ),
            "application/json"
        );
    }

    /// <summary>The message alone, as plain text.</summary>
    /// <param name="failure">What happened.</param>
    public static ContentAnswer.Bytes Text(RouteFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new ContentAnswer.Bytes(Encoding.UTF8.GetBytes(failure.Message), "text/plain; charset=utf-8");
    }
}
