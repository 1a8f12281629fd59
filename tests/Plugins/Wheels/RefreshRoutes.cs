using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.TestPlugins.Wheels;

/// <summary>Brings a mirror up to date and publishes it, while the client waits; it is made when it isn't there.</summary>
internal static class RefreshRoutes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("{name}", RefreshAsync);

    private static async Task<IResult> RefreshAsync(
        string name,
        string remote,
        IResources resources,
        IRepositoryVersions versions,
        ITaskDispatcher tasks,
        CancellationToken cancellationToken
    )
    {
        var sources = await resources.FindAsync<WheelRemote>($"m.name = {remote}", cancellationToken);
        var mirrors = await resources.FindAsync<WheelRepository>($"m.name = {name}", cancellationToken);
        var mirror = mirrors is [var found]
            ? found
            : await resources.CreateAsync(
                new WheelRepository { Name = name, Remote = sources is [var source] ? source.PulpId : null },
                cancellationToken
            );
        var task = await tasks.SyncAsync(mirror.PulpId, new SyncRequest { Mirror = true }, cancellationToken);
        var synced = await tasks.FinishedAsync(task, cancellationToken);
        if (!synced.IsCompleted)
        {
            return Results.Json(new { task = tasks.Href(task), synced.Error }, statusCode: 502);
        }

        var latest = await versions.LatestAsync(mirror.PulpId, cancellationToken);
        var publishing = await tasks.PublishAsync(
            latest?.PulpId ?? Guid.Empty,
            new WheelPublication { Checkpoint = true },
            cancellationToken
        );
        var published = await tasks.FinishedAsync(publishing, cancellationToken);
        var kept = await resources.FindAsync<Remote>(mirror.Remote ?? Guid.Empty, cancellationToken);
        return Results.Json(
            new
            {
                task = tasks.Href(task),
                state = published.State,
                created = synced.Created.Concat(published.Created),
                from = kept?.Name,
            }
        );
    }
}
