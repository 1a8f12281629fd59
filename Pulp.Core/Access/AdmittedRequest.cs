using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;

namespace Pulp.Core.Access;

/// <summary>A request that the gate let through. Only the gate makes one, so that no operation can start without it.</summary>
internal sealed class AdmittedRequest
{
    private readonly ResourceKey? _key;
    private readonly Reach _reach;

    internal AdmittedRequest(HttpContext http, Caller? caller, ResourceKey? key)
    {
        Http = http;
        Caller = caller;
        _key = key;
        _reach = Reach.Of(http.Domain(), caller?.Id);
    }

    public HttpContext Http { get; }

    public HttpRequest Request => Http.Request;

    public HttpResponse Response => Http.Response;

    public CancellationToken RequestAborted => Http.RequestAborted;

    /// <summary>Who asks; null where anybody may and nobody signed in.</summary>
    public Caller? Caller { get; }

    /// <summary>What the request may reach: of its domain what the caller may see.</summary>
    public Reach Reach => _reach.Within(Sight);

    /// <summary>
    /// All of the domain: for what the request has made itself, or what its object refers to. Whether it may was decided before.
    /// </summary>
    public Reach WholeReach => _reach;

    /// <summary>What the caller may see; null for all.</summary>
    public ISight? Sight { get; init; }

    /// <summary>Asked once what was sent is read, where it depends on that whether the request may go on; refuses by throwing.</summary>
    public Func<RequestBody, Task>? MayGoOn { get; set; }

    /// <summary>Lets the request go on with what was sent.</summary>
    /// <exception cref="ForbiddenException">It may not.</exception>
    public async Task EnsureAllowedAsync(RequestBody body)
    {
        if (MayGoOn is { } ask)
        {
            await ask(body);
            MayGoOn = null;
        }
    }

    /// <summary>Whom the tasks belong to that come of it.</summary>
    public TaskOrigin Origin =>
        new(_reach, CorrelationIds.Of(Http), ParentTask: null)
        {
            Diagnostics = TaskDiagnostics.Read(Request.Headers[TaskDiagnostics.Header]),
        };

    /// <summary>Tells the services that are made for this request who asks.</summary>
    public void Introduce()
    {
        Http.RequestServices.GetRequiredService<RequestOrigin>().Value = Origin;
        Http.RequestServices.GetRequiredService<RequestAccess>().Request = this;
    }

    /// <summary>The key in the path: of the object, or of the parent.</summary>
    public ResourceKey Key => _key ?? throw new InvalidOperationException("The operation has no object.");

    /// <summary>The key in the path, for kinds whose keys are UUIDs.</summary>
    public Guid Id => Key.Id;
}

/// <summary>An operation at work.</summary>
internal delegate Task OperationHandler(AdmittedRequest request);
