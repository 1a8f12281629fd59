using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.PullThrough;

namespace PulpContainer.Registry;

/// <summary>The registry's paths, below <c>/v2/</c> (OCI distribution specification 1.1, "Endpoints").</summary>
internal sealed class RegistryRoutes(
    IServed served,
    RegistryGate gate,
    ManifestReads manifests,
    BlobReads blobs,
    TagLists tags,
    Referrers referrers,
    Catalog catalog
)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    public static MountOptions Options { get; } =
        new()
        {
            Roles = RouteRoles.Api | RouteRoles.Content,
            Callers = RouteCallers.Anybody,
            Errors = RegistryError.Body,
            // Blobs are as large as they are; manifests have a limit of their own.
            MaxRequestBytes = null,
        };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var registry = routes.ServiceProvider.GetRequiredService<RegistryRoutes>();
        routes.MapMethods("{**path}", Methods, registry.AnswerAsync);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var path = RegistryPath.Parse(context.Request.RouteValues["path"] as string ?? "");
            var answered =
                HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                    ? ReadAsync(context, path)
                    : WriteAsync(context, path);
            await answered;
        }
        catch (PulpException error)
        {
            RegistryHeaders.AddToRefusal(context, error as RegistryError);
            throw;
        }
    }

    private async Task ReadAsync(HttpContext context, RegistryPath path)
    {
        switch (path.Target)
        {
            case RegistryTarget.Base:
                await gate.AdmitToBaseAsync(context);
                await BaseAsync(context);
                break;
            case RegistryTarget.Catalog:
                await catalog.AnswerAsync(context);
                break;
            case RegistryTarget.Manifest:
                await manifests.AnswerAsync(context, await PulledAsync(context, path), path.Reference);
                break;
            case RegistryTarget.Blob:
                await blobs.AnswerAsync(context, await PulledAsync(context, path.Name), path.Reference);
                break;
            case RegistryTarget.Tags:
                await TagsAsync(context, path.Name);
                break;
            case RegistryTarget.Referrers:
                await ReferrersAsync(context, path);
                break;
            case RegistryTarget.Upload:
                await Service<BlobUploads>(context).ShowAsync(context, path.Name, path.Reference);
                break;
            case RegistryTarget.Uploads:
                throw RegistryError.Unsupported("Uploads can't be listed.");
            default:
                throw RegistryError.NameUnknown();
        }
    }

    private async Task TagsAsync(HttpContext context, string name)
    {
        if (
            await served.FindAsync<ContainerPullThroughDistribution>(name, context.RequestAborted) is
            { Distribution: var cache }
        )
        {
            await TagLists.AnswerNewAsync(context, cache, name);
            return;
        }

        await tags.AnswerAsync(context, await PulledAsync(context, name));
    }

    private async Task ReferrersAsync(HttpContext context, RegistryPath path)
    {
        // "The registry MUST NOT return a 404": nothing refers to what isn't there.
        if (await served.FindAsync<ContainerDistribution>(path.Name, context.RequestAborted) is not { Rest.Length: 0 })
        {
            await Referrers.AnswerNoneAsync(context, path.Reference);
            return;
        }

        await referrers.AnswerAsync(context, await PulledAsync(context, path.Name), path.Reference);
    }

    private static Task WriteAsync(HttpContext context, RegistryPath path) =>
        (context.Request.Method, path.Target) switch
        {
            ("POST", RegistryTarget.Uploads) => Service<BlobUploads>(context).BeginAsync(context, path.Name),
            ("PATCH", RegistryTarget.Upload) => Service<BlobUploads>(context)
                .AppendAsync(context, path.Name, path.Reference),
            ("PUT", RegistryTarget.Upload) => Service<BlobUploads>(context)
                .CommitAsync(context, path.Name, path.Reference),
            ("DELETE", RegistryTarget.Upload) => Service<BlobUploads>(context)
                .CancelAsync(context, path.Name, path.Reference),
            ("PUT", RegistryTarget.Manifest) => Service<ManifestPush>(context)
                .TakeAsync(context, path.Name, path.Reference),
            ("DELETE", RegistryTarget.Manifest) => Service<Removals>(context)
                .ManifestAsync(context, path.Name, path.Reference),
            ("DELETE", RegistryTarget.Blob) => Service<Removals>(context).BlobAsync(context, path.Name, path.Reference),
            (_, RegistryTarget.None) => throw RegistryError.NameUnknown(),
            _ => throw RegistryError.Unsupported("There is no such operation here."),
        };

    /// <summary>The repository of a manifest, which a cache has brought up to date.</summary>
    private async ValueTask<ServedPath<ContainerDistribution>> PulledAsync(HttpContext context, RegistryPath path)
    {
        if (
            await served.FindAsync<ContainerPullThroughDistribution>(path.Name, context.RequestAborted) is
            { Distribution: var cache }
        )
        {
            await Service<CachedImages>(context).MakeAsync(context, cache, path.Name, path.Reference);
        }

        var found = await PulledAsync(context, path.Name);
        return found.Distribution.PullThrough is null
            ? found
            : await Service<CachedImages>(context).RefreshAsync(context, found, path.Reference);
    }

    private ValueTask<ServedPath<ContainerDistribution>> PulledAsync(HttpContext context, string name) =>
        gate.PulledAsync(context, served, name);

    private static T Service<T>(HttpContext context)
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    private static async Task BaseAsync(HttpContext context)
    {
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 2;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync("{}"u8.ToArray(), context.RequestAborted);
        }
    }
}
