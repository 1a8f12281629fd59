using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;

namespace Pulp.Core.Access;

/// <summary>A request that the gate let through. Only the gate makes one, so that no operation can start without it.</summary>
internal sealed class AdmittedRequest
{
    private readonly ResourceKey? _key;

    internal AdmittedRequest(HttpContext http, Caller? caller, ResourceKey? key)
    {
        Http = http;
        Caller = caller;
        _key = key;
        Reach = Reach.Of(http.Domain(), caller?.Id);
    }

    public HttpContext Http { get; }

    public HttpRequest Request => Http.Request;

    public HttpResponse Response => Http.Response;

    public CancellationToken RequestAborted => Http.RequestAborted;

    /// <summary>Who asks; null where anybody may and nobody signed in.</summary>
    public Caller? Caller { get; }

    /// <summary>What the request may reach.</summary>
    public Reach Reach { get; }

    /// <summary>Whom the tasks belong to that come of it.</summary>
    public TaskOrigin Origin =>
        new(Reach, CorrelationIds.Of(Http), ParentTask: null)
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
