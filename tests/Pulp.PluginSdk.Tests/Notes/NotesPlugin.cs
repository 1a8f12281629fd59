using Microsoft.AspNetCore.Builder;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;

namespace Pulp.PluginSdk.Tests.Notes;

/// <summary>A small plugin with what the outlines of the large ones have no use for.</summary>
public sealed class NotesPlugin : PulpPlugin
{
    public override PluginIdentity Identity { get; } = new("notes", "1.0.0");

    public override void Configure(IPluginBuilder plugin)
    {
        plugin.Content<Note>("note", "notes");
        plugin.Content<Stamp>("stamp", "stamps");
        plugin
            .Repository<NoteRepository>("note")
            .Holds<Note>()
            .Holds<Stamp>()
            .AlsoSave((repository, db, token) => Log.AddAsync(db, $"repository {repository.Name}", token))
            .UsualRoles("change", "modify")
            .Scope(seen =>
                $"m.description = 'open' or {seen.Holds<NoteRepository>("notes.view_noterepository", "m.pulp_id")}"
            );
        plugin.Distribution<NoteDistribution>("note").AnsweredBy<NoteHandler>();
        plugin.Distribution<ShelfDistribution>("shelf").Above<NoteDistribution>();
        plugin.ContentGuard<ClosedGuard>("closed").AskedBy<ClosedCheck>();
        plugin.Settings<NoteSettings>();
        plugin.Routes(() => plugin.SettingsOf<NoteSettings>().Mount, Options, NoteRoutes.Map);
        plugin.Migrations(new M0001Notes());
    }

    private static MountOptions Options =>
        new()
        {
            Document =
            [
                new RouteDescription
                {
                    Id = "notes_log",
                    Path = "log",
                    Tag = "Notes",
                    Summary = "What was noted",
                },
            ],
        };
}

public sealed class NoteSettings
{
    public string Mount { get; set; } = "/notebook/";
}

[Unique(nameof(Name), nameof(Digest))]
[RepositoryKey(nameof(Name))]
public sealed record Note : Content
{
    [Field("Its name.", Filter = Lookups.Text)]
    public required string Name { get; init; }

    [Field("SHA-256 of its text.", ReadOnly = true)]
    public string Digest { get; init; } = "";
}

/// <summary>What is made of a note once that has an id.</summary>
[Unique(nameof(Noted))]
public sealed record Stamp : Content
{
    [Field("The note.", References = typeof(Note))]
    public required Guid Noted { get; init; }
}

public sealed record NoteRepository : Repository;

public sealed record NoteDistribution : Distribution;

public sealed record ShelfDistribution : Distribution;

public sealed record ClosedGuard : ContentGuard;

internal sealed class ClosedCheck : GuardCheck<ClosedGuard>
{
    public override async ValueTask<GuardAnswer> AskAsync(
        ClosedGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    ) =>
        await request.CallerAsync(cancellationToken) is { Username: "admin" }
            ? GuardAnswer.Permitted
            : GuardAnswer.Refused("Closed.");
}

internal sealed class M0001Notes() : Migration(1, "notes")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("notes_note", "core_content")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("digest", ColumnType.Text)
            .UniqueInDomain("name", "digest");
        schema
            .CreateDetailTable("notes_stamp", "core_content")
            .WithColumn("noted_id", ColumnType.Uuid, c => c.References("core_content", "cascade"))
            .UniqueInDomain("noted_id");
        schema.CreateDetailTable("notes_noterepository", "core_repository");
        schema.CreateDetailTable("notes_notedistribution", "core_distribution");
        schema.CreateDetailTable("notes_shelfdistribution", "core_distribution");
        schema.CreateDetailTable("notes_closedguard", "core_contentguard");
        schema
            .CreateTable("notes_log")
            .WithColumn("id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("text", ColumnType.Text);
    }
}

/// <summary>Rows of the plugin's own.</summary>
internal static class Log
{
    public static Task AddAsync(IDb db, string text, CancellationToken cancellationToken) =>
        db.ExecuteAsync($"insert into notes_log (id, text) values ({Guid.NewGuid()}, {text})", cancellationToken);
}
