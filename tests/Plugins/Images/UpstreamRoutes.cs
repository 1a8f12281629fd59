using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.TestPlugins.Images;

/// <summary>What a registry says at the moment, passed on.</summary>
internal static class UpstreamRoutes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapMethods("{tag}", ["HEAD", "GET"], AskAsync);

    private static async Task<IResult> AskAsync(
        string tag,
        string remote,
        HttpRequest request,
        IResources resources,
        IUpstreams upstreams,
        CancellationToken cancellationToken
    )
    {
        var found = await resources.FindAsync<ImageRemote>($"m.name = {remote}", cancellationToken);
        if (found is not [var source])
        {
            return Results.NotFound();
        }

        await using var answer = await upstreams
            .For(source)
            .FetchAsync(
                new UpstreamRequest($"{source.Url}v2/app/manifests/{tag}")
                {
                    Method = request.Method,
                    Accept = [ImageSync.MediaType],
                    Answers = [404],
                },
                cancellationToken
            );
        return answer.IsSuccess
            ? Results.Bytes(await File.ReadAllBytesAsync(answer.Body.Path, cancellationToken), answer.MediaType)
            : Results.StatusCode(answer.Status);
    }
}
