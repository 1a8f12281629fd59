using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.PullThrough;

namespace PulpContainer.Registry;

/// <summary>Lists tags (OCI distribution specification, "Listing Tags"), in the order of their bytes.</summary>
internal sealed class TagLists(IAnswers answers, IDb db)
{
    /// <summary>About what a tag takes in memory.</summary>
    private const long TagBytes = 100;

    public async Task AnswerAsync(HttpContext context, ServedPath<ContainerDistribution> found)
    {
        var tags = await TagsAsync(found.Served, context.RequestAborted);
        if (found.Distribution.PullThrough is not null)
        {
            // What upstream has no more is still served.
            var upstream = await Cached(context).TagsAsync(context, found);
            tags =
                upstream.Count == 0
                    ? tags
                    : [.. tags.Union(upstream, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }

        var page = Paging.Page(context.Request, tags, most: int.MaxValue);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { name = found.Served.Path, tags = page.Items });
        await answers.SendAsync(
            context,
            found.Served,
            new ContentAnswer.Bytes(body, "application/json") { Headers = page.Headers },
            context.RequestAborted
        );
    }

    /// <summary>Of a name below a cache that nobody has pulled yet.</summary>
    public static async Task AnswerNewAsync(HttpContext context, ContainerPullThroughDistribution cache, string name)
    {
        var tags = await Cached(context).TagsOfNewAsync(context, cache, name);
        var page = Paging.Page(context.Request, [.. tags.Order(StringComparer.Ordinal)], most: int.MaxValue);
        foreach (var (header, value) in page.Headers)
        {
            context.Response.Headers[header] = value;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new { name, tags = page.Items });
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static CachedLists Cached(HttpContext context) => context.RequestServices.GetRequiredService<CachedLists>();

    private ValueTask<string[]> TagsAsync(IServedDistribution served, CancellationToken cancellationToken) =>
        served.RememberAsync(
            "tags",
            async token =>
            {
                if (served.Version is not { } version)
                {
                    return ([], TagBytes);
                }

                var names = await db.QueryAsync<string>(
                    $"""
                    select t.name from container_tag t join core_repositorycontent rc on rc.content_id = t.pulp_id
                     where {InVersion.Holds(version)}
                    """,
                    token
                );
                return (names.Order(StringComparer.Ordinal).ToArray(), (names.Count + 1) * TagBytes);
            },
            cancellationToken
        );
}

/// <summary>A part of a sorted list, and the headers that tell of the next.</summary>
internal sealed record Paging(IReadOnlyList<string> Items, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>What <c>n</c> and <c>last</c> ask for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="all">All, in ordinal order.</param>
    /// <param name="most">No page is longer.</param>
    /// <param name="usual">The length of a page where none is asked for; null for all.</param>
    /// <exception cref="RegistryError"><c>n</c> is no number.</exception>
    public static Paging Page(HttpRequest request, string[] all, int most, int? usual = null)
    {
        var count = Count(request, most, usual);
        var from = 0;
        if (request.Query["last"].FirstOrDefault() is { Length: > 0 } last)
        {
            var at = Array.BinarySearch(all, last, StringComparer.Ordinal);
            from = at < 0 ? ~at : at + 1;
        }

        var items = all[from..Math.Min(all.Length, from + Math.Min(count, all.Length))];
        if (items.Length == 0 || from + items.Length == all.Length)
        {
            return new Paging(items, RegistryHeaders.With());
        }

        var next =
            $"<{request.Path}?n={count.ToString(CultureInfo.InvariantCulture)}&last={Uri.EscapeDataString(items[^1])}>; rel=\"next\"";
        return new Paging(items, RegistryHeaders.With(("Link", next)));
    }

    private static int Count(HttpRequest request, int most, int? usual)
    {
        if (request.Query["n"].FirstOrDefault() is not { Length: > 0 } text)
        {
            return usual ?? most;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? (int)Math.Min(count, most)
            : throw RegistryError.Unsupported("n is a number of entries.", status: 400);
    }
}
