using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Vulnerabilities;

namespace Pulp.PluginSdk.Tests.Notes;

internal static class NoteRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("{repository:guid}/{name}", PutAsync);
        routes.MapDelete("{repository:guid}/{name}", DeleteAsync);
        routes.MapPost("{repository:guid}/report", ReportAsync);
        routes.MapGet("files/{unit:guid}", FilesAsync);
        routes.MapGet("paths/{distribution:guid}", PathsAsync);
        routes.MapGet("open/{**path}", OpenAsync).AllowAnonymous();
        routes.MapGet("log", LogAsync);
    }

    private static async Task<IResult> PutAsync(
        Guid repository,
        string name,
        HttpRequest request,
        IArtifacts artifacts,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        await using var text = await artifacts.StageAsync(request.Body, FileExpectation.None, cancellationToken);
        var replaced = 0;
        var version = await versions.ChangeAsync(
            repository,
            async (draft, token) =>
            {
                var note = new DeclaredContent(
                    new Note { Name = name, Digest = text.Sha256 },
                    new DeclaredArtifact(name, text)
                )
                {
                    Followers = id => [new DeclaredContent(new Stamp { Noted = id })],
                    AlsoSave = (db, id, stop) => Log.AddAsync(db, $"note {name}", stop),
                };
                await draft.AddAsync([note], token);
                replaced = draft.ReplacedUnits.Count;
            },
            cancellationToken
        );
        return Results.Json(new { version = version?.Number, replaced });
    }

    private static async Task<IResult> DeleteAsync(
        Guid repository,
        string name,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(
            repository,
            async (draft, token) =>
            {
                await foreach (var note in draft.ContentAsync<Note>($"d.name = {name}", token))
                {
                    await draft.RemoveAsync([note.PulpId], token);
                }
            },
            cancellationToken
        );
        return Results.Json(new { version = version?.Number });
    }

    /// <summary>Says of each note of the newest version that it is too long.</summary>
    private static async Task<IResult> ReportAsync(
        Guid repository,
        IRepositoryVersions versions,
        IVulnerabilityReports reports,
        CancellationToken cancellationToken
    )
    {
        var version =
            await versions.LatestAsync(repository, cancellationToken)
            ?? throw new NotFoundException("There is no such repository.");
        var found = new List<UnitVulnerabilities>();
        await foreach (var note in versions.ContentAsync<Note>(version, where: null, cancellationToken))
        {
            found.Add(new UnitVulnerabilities { Content = note.PulpId, Vulns = """[{"id": "TOO-LONG"}]""" });
        }

        var saved = await reports.SaveAsync(version, found, cancellationToken);
        return Results.Json(saved.Select(s => new { s.Href, s.IsNew }));
    }

    private static async Task<IResult> FilesAsync(Guid unit, IContents contents, CancellationToken cancellationToken) =>
        Results.Json((await contents.FilesAsync(unit, cancellationToken)).ToDictionary(f => f.Key, f => f.Value.Size));

    private static async Task<IResult> PathsAsync(
        Guid distribution,
        IServed served,
        CancellationToken cancellationToken
    ) => Results.Json(await served.PathsAsync([distribution, Guid.Empty], cancellationToken));

    /// <summary>Shows everybody that there is a distribution, whatever its guard says of its content.</summary>
    private static async Task OpenAsync(
        string path,
        HttpContext context,
        IServed served,
        IAnswers answers,
        CancellationToken cancellationToken
    )
    {
        var found =
            await served.FindAsync<NoteDistribution>(path, cancellationToken)
            ?? throw new NotFoundException("There is no such distribution.");
        var answer = new ContentAnswer.Bytes(Encoding.UTF8.GetBytes("here"), "text/plain")
        {
            IsUnguarded = found.Rest == "name",
        };
        await answers.SendAsync(context, found.Served, answer, cancellationToken);
    }

    private static async Task<IResult> LogAsync(IDb db, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await foreach (
            var line in db.StreamAsync<string>($"select text from notes_log order by text", cancellationToken)
        )
        {
            lines.Add(line);
        }

        return Results.Json(lines);
    }
}

/// <summary>All notes as a listing below <c>all/</c>, and each by its name below <c>stored/</c>.</summary>
internal sealed class NoteHandler(IContents contents) : ContentHandler
{
    public override async ValueTask<ContentAnswer?> AnswerAsync(
        ContentRequest request,
        CancellationToken cancellationToken
    )
    {
        var notes = new List<Note>();
        await foreach (var note in request.Served.ContentAsync<Note>(where: null, cancellationToken))
        {
            notes.Add(note);
        }

        if (request.Path == "all/")
        {
            return new ContentAnswer.Listing([.. notes.Select(n => n.Name)]);
        }

        return notes.Find(n => request.Path == $"stored/{n.Name}") is { } wanted
            ? new ContentAnswer.Stored(
                (await contents.FilesAsync(wanted.PulpId, cancellationToken))[wanted.Name].PulpId,
                "text/x-note"
            )
            : null;
    }
}
