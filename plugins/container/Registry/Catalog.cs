using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;

namespace PulpContainer.Registry;

/// <summary>Lists the names that somebody may pull.</summary>
internal sealed class Catalog(IServed served, RegistryGate gate, IDb db)
{
    private const int MostEntries = 1000;
    private const int UsualEntries = 100;

    public async Task AnswerAsync(HttpContext context)
    {
        var caller = await gate.AdmitToCatalogAsync(context);
        var access = context.RequestServices.GetRequiredService<IAccess>();
        var own = await access.VisibleAsync<ContainerDistribution>(
            caller,
            "container.pull_containerdistribution",
            context.RequestAborted
        );
        var byNamespace = await access.VisibleAsync<ContainerNamespace>(
            caller,
            "container.namespace_pull_containerdistribution",
            context.RequestAborted
        );
        var visible = await db.QueryAsync<Guid>(
            $"""
            select m.pulp_id from core_distribution m join container_containerdistribution d on d.pulp_id = m.pulp_id
             where d.private = {false} or m.pulp_id in {own} or d.namespace_id in {byNamespace}
            """,
            context.RequestAborted
        );
        var names = await served.PathsAsync([.. visible], context.RequestAborted);
        var page = Paging.Page(context.Request, [.. names.Order(StringComparer.Ordinal)], MostEntries, UsualEntries);
        foreach (var (name, value) in page.Headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(new { repositories = page.Items }),
            context.RequestAborted
        );
    }
}
