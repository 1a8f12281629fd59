using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;
using PulpContainer.PullThrough;
using PulpContainer.Signatures;

namespace PulpContainer.Registry;

/// <summary>
/// Gives simple signatures to those clients of containers/image that ask for them where <c>X-Registry-Supports-Signatures</c> says so, and takes them:
/// <c>/extensions/v2/{name}/signatures/{digest}</c>.
/// </summary>
internal sealed class SignatureReads(IServed served, IAnswers answers, RegistryGate gate, IDb db)
{
    private const string Middle = "/signatures/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var signatures = routes.ServiceProvider.GetRequiredService<SignatureReads>();
        routes.MapMethods(
            "{**path}",
            [HttpMethods.Get, HttpMethods.Head],
            context => AnswerAsync(context, signatures.SendAsync)
        );
        routes.MapPut(
            "{**path}",
            context => AnswerAsync(context, context.RequestServices.GetRequiredService<SignaturePush>().TakeAsync)
        );
    }

    private static async Task AnswerAsync(HttpContext context, Func<HttpContext, string, string, Task> answer)
    {
        try
        {
            var path = context.Request.RouteValues["path"] as string ?? "";
            var at = path.LastIndexOf(Middle, StringComparison.Ordinal);
            if (at <= 0)
            {
                throw RegistryError.NameUnknown();
            }

            await answer(context, path[..at], path[(at + Middle.Length)..]);
        }
        catch (PulpException error)
        {
            RegistryHeaders.AddToRefusal(context, error as RegistryError);
            throw;
        }
    }

    private async Task SendAsync(HttpContext context, string name, string digest)
    {
        var found = await gate.PulledAsync(context, served, name);
        if (found.Distribution.PullThrough is not null)
        {
            var signatures = context.RequestServices.GetRequiredService<CachedSignatures>();
            found = await signatures.RefreshAsync(context, found, digest);
        }

        var body = await found.Served.RememberAsync(
            "signatures of " + digest,
            async token =>
            {
                var made = await BodyAsync(found.Served, digest, token);
                return (made, made.Length + 64L);
            },
            context.RequestAborted
        );
        await answers.SendAsync(
            context,
            found.Served,
            new ContentAnswer.Bytes(body, "application/json") { Headers = RegistryHeaders.With() },
            context.RequestAborted
        );
    }

    private async Task<byte[]> BodyAsync(
        IServedDistribution distribution,
        string digest,
        CancellationToken cancellationToken
    )
    {
        var rows = distribution.Version is { } version
            ? await db.QueryAsync<Row>(
                $"""
                select s.name, s.type, s.data from container_manifestsignature s
                  join core_repositorycontent rc on rc.content_id = s.pulp_id
                  join container_manifest m on m.pulp_id = s.signed_manifest_id
                 where m.digest = {digest} and {InVersion.Holds(version)} order by s.name
                """,
                cancellationToken
            )
            : [];
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                signatures = rows.Select(row => new
                {
                    schemaVersion = 2,
                    type = row.Type,
                    name = row.Name,
                    content = row.Data,
                }),
            }
        );
    }

    private sealed record Row
    {
        public string Name { get; init; } = "";

        public string Type { get; init; } = "";

        public string Data { get; init; } = "";
    }
}
