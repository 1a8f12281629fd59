using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Api.Tests.Plugins;

/// <summary>What the SDK offers and the file plugin doesn't use: content without files, own routes, handlers, tasks and settings.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OtherPluginTests(Engine engine)
{
    private TestServer? _server;

    private TestServer Server => _server ?? throw new InvalidOperationException("The server isn't started.");

    private PulpClient Api => Server.Api;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await TestServer.StartAsync(engine, extra: [new NotePlugin()]);

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Server.Settings.DataDir, recursive: true);
    }

    [Test]
    public async Task Its_kinds_have_their_operations_filters_and_place_in_the_generic_lists()
    {
        var made = await Api.PostAsync("repositories/note/note/", new { name = PulpClient.Unique(), topic = "tea" });

        var found = await Api.GetAsync("repositories/note/note/?topic__contains=te");
        var generic = await Api.GetAsync($"repositories/?name={(string?)made.Json?["name"]}");
        var notes = await Api.GetAsync("content/note/notes/");
        var document = await Api.GetAsync("docs/api.json");

        Assert.Multiple(() =>
        {
            Assert.That(made.Href, Does.StartWith("/pulp/api/v3/repositories/note/note/"));
            Assert.That((string?)made.Json?["topic"], Is.EqualTo("tea"));
            Assert.That(found.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { made.Href }));
            Assert.That(generic.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { made.Href }));
            Assert.That(notes.Code, Is.EqualTo(200));
            Assert.That(document.Json?["paths"]?["{note_note_repository_href}modify/"], Is.Not.Null);
            Assert.That((string?)document.Json?["info"]?["x-pulp-app-versions"]?["note"], Is.EqualTo("1.2.3"));
        });
    }

    [Test]
    public async Task A_kinds_operations_never_touch_another_kinds_rows()
    {
        var file = await Api.NewRepositoryAsync(new { pulp_labels = new { keep = "me" } });
        var posing = file.Replace("/file/file/", "/note/note/", StringComparison.Ordinal);

        var read = await Api.GetAsync(posing);
        var changed = await Api.SendAsync(HttpMethod.Patch, posing, new { description = "changed" });
        var labelled = await Api.PostAsync(posing + "set_label/", new { key = "keep", value = "no" });
        var unlabelled = await Api.PostAsync(posing + "unset_label/", new { key = "keep" });
        var modified = await Api.PostAsync(posing + "modify/", new { });
        var deleted = await Api.DeleteAsync(posing);

        var after = (await Api.GetAsync(file)).Json;
        Assert.Multiple(() =>
        {
            Assert.That(
                new[] { read, changed, labelled, unlabelled, modified, deleted }.Select(a => a.Code),
                Is.All.EqualTo(404)
            );
            Assert.That(after?["pulp_labels"]?.ToJsonString(), Is.EqualTo("""{"keep":"me"}"""));
            Assert.That((string?)after?["description"], Is.Null);
        });
    }

    [Test]
    public async Task Its_routes_need_a_signed_in_user_however_they_are_mapped_unless_they_say_otherwise()
    {
        using var nobody = new PulpClient(Server.Url, null, null);

        var answers = new Dictionary<string, int>();
        foreach (var path in new[] { "delegate", "handler", "open" })
        {
            answers[path] = (await nobody.GetAsync($"/notes/{path}")).Code;
            answers["signed in " + path] = (await Api.GetAsync($"/notes/{path}")).Code;
        }

        Assert.That(
            answers,
            Is.EquivalentTo(
                new Dictionary<string, int>
                {
                    ["delegate"] = 401,
                    ["signed in delegate"] = 200,
                    ["handler"] = 401,
                    ["signed in handler"] = 200,
                    ["open"] = 200,
                    ["signed in open"] = 200,
                }
            )
        );
    }

    [Test]
    public async Task Its_handler_answers_before_the_default()
    {
        var path = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync("distributions/note/note/", new { name = path, base_path = path })
        );

        var own = await Api.GetAsync($"/pulp/content/{path}/hello");
        var rest = await Api.GetAsync($"/pulp/content/{path}/other");

        Assert.Multiple(() =>
        {
            Assert.That(own.Text, Is.EqualTo($"hello from {path}"));
            Assert.That(rest.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task What_its_handler_refuses_is_told_and_what_nobody_foresaw_is_not()
    {
        var path = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync("distributions/note/note/", new { name = path, base_path = path })
        );

        var refused = await Api.GetAsync($"/pulp/content/{path}/refused");
        var fault = await Api.GetAsync($"/pulp/content/{path}/fault");

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(409));
            Assert.That(refused.Text, Is.EqualTo("409: Not before noon."));
            Assert.That(fault.Code, Is.EqualTo(500));
            Assert.That(fault.Text, Is.EqualTo("500: Internal Server Error"));
        });
    }

    [Test]
    public async Task What_its_handler_does_not_know_may_appear_at_any_time()
    {
        var path = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync("distributions/note/note/", new { name = path, base_path = path })
        );

        var before = await Api.GetAsync($"/pulp/content/{path}/{path}");
        await Api.PostAsync($"/notes/say/{path}");
        var after = await Api.GetAsync($"/pulp/content/{path}/{path}");

        Assert.That(before.Code, Is.EqualTo(404));
        Assert.That(after.Text, Is.EqualTo("said"));
    }

    [Test]
    public async Task Its_routes_take_forms_as_large_as_they_say_and_refuse_larger_ones()
    {
        var within = await Api.UploadAsync("/notes/measure", new byte[130_000_000]);
        // Asked first, so that it isn't cut off while it sends.
        var above = await Api.SendContentAsync(
            HttpMethod.Post,
            "/notes/measure",
            PulpClient.Form(new byte[140_000_001], fields: null),
            request => request.Headers.ExpectContinue = true
        );
        var broken = await Api.SendContentAsync(
            HttpMethod.Post,
            "/notes/measure",
            new StringContent("none", Encoding.UTF8, "multipart/form-data")
        );

        Assert.Multiple(() =>
        {
            Assert.That(within.Text, Is.EqualTo("130000000"), within.Code.ToString());
            Assert.That(above.Code, Is.EqualTo(413));
            Assert.That((string?)above.Json?["detail"], Is.EqualTo("Payload Too Large"));
            Assert.That(broken.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Its_task_runs_and_what_nobody_foresaw_is_not_told_to_clients()
    {
        var done = await Api.PostAsync("/notes/start?fail=false");
        var failed = await Api.PostAsync("/notes/start?fail=true");

        var end = await Api.EndOfAsync(done.Task);
        var fault = await Api.EndOfAsync(failed.Task);

        Assert.Multiple(() =>
        {
            Assert.That((string?)end["name"], Is.EqualTo("pulp_note.app.tasks.count"));
            Assert.That((int?)end["result"]?["letters"], Is.EqualTo(4));
            Assert.That((string?)fault["state"], Is.EqualTo("failed"));
            Assert.That(fault.ToJsonString(), Does.Not.Contain("a secret detail"));
        });
    }

    private sealed class NotePlugin : PulpPlugin
    {
        public override PluginIdentity Identity { get; } = new("note", "1.2.3");

        public override void Configure(IPluginBuilder plugin)
        {
            plugin.Content<NoteContent>("note", "notes");
            plugin.Repository<NoteRepository>("note").Holds<NoteContent>();
            plugin.Distribution<NoteDistribution>("note").AnsweredBy<NoteHandler>();
            plugin.Services.AddSingleton<NoteBoard>();
            plugin.Task<CountTask>();
            plugin.Migrations(new NoteTables());
            plugin.Routes(
                "/notes",
                new MountOptions { MaxRequestBytes = 140_000_000 },
                routes =>
                {
                    routes.MapGet("/delegate", context => context.Response.WriteAsync("plain"));
                    routes.MapGet("/handler", () => "handler");
                    routes.MapGet("/open", () => "open").AllowAnonymous();
                    routes.MapPost("/say/{word}", (string word, NoteBoard board) => board.Said.Enqueue(word));
                    routes.MapPost("/measure", MeasureAsync);
                    routes.MapPost(
                        "/start",
                        async (bool fail, ITaskDispatcher dispatcher, CancellationToken cancellationToken) =>
                        {
                            var task = await dispatcher.SendAsync<CountTask, CountArgs>(
                                new CountArgs("four", fail),
                                new DispatchOptions(),
                                cancellationToken
                            );
                            return Results.Json(new { task = $"/pulp/api/v3/tasks/{task}/" });
                        }
                    );
                }
            );
        }
    }

    private static async Task MeasureAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        await context.Response.WriteAsync($"{form.Files.Sum(f => f.Length)}");
    }

    [Unique(nameof(Text))]
    internal sealed record NoteContent : Content
    {
        [Field("What is noted.", Filter = Lookups.Text)]
        public required string Text { get; init; }
    }

    internal sealed record NoteRepository : Repository
    {
        [Field("What the notes are about.", Filter = Lookups.Text)]
        public string? Topic { get; init; }
    }

    internal sealed record NoteDistribution : Distribution;

    internal sealed class NoteBoard
    {
        public ConcurrentQueue<string> Said { get; } = [];
    }

    internal sealed class NoteHandler(NoteBoard board) : ContentHandler
    {
        public override ValueTask<ContentAnswer?> AnswerAsync(
            ContentRequest request,
            CancellationToken cancellationToken
        ) =>
            request.Path switch
            {
                "hello" => Text($"hello from {request.Served.Distribution.BasePath}"),
                "refused" => throw new ConflictException("Not before noon."),
                "fault" => throw new InvalidOperationException("a secret detail"),
                _ when board.Said.Contains(request.Path) => Text("said"),
                _ => ValueTask.FromResult<ContentAnswer?>(null),
            };

        private static ValueTask<ContentAnswer?> Text(string text) =>
            ValueTask.FromResult<ContentAnswer?>(new ContentAnswer.Bytes(Encoding.UTF8.GetBytes(text), "text/plain"));
    }

    internal sealed record CountArgs(string Word, bool Fail);

    [PulpTask("pulp_note.app.tasks.count")]
    internal sealed class CountTask : PulpTask<CountArgs>
    {
        public override Task<object?> RunAsync(
            CountArgs args,
            ITaskContext task,
            CancellationToken cancellationToken
        ) =>
            args.Fail
                ? throw new InvalidOperationException("a secret detail")
                : Task.FromResult<object?>(new { letters = args.Word.Length });
    }

    private sealed class NoteTables() : Migration(1, "notes")
    {
        public override void Up(SchemaBuilder schema)
        {
            schema
                .CreateDetailTable("note_notecontent", "core_content")
                .WithColumn("text", ColumnType.Text)
                .UniqueInDomain("text");
            schema
                .CreateDetailTable("note_noterepository", "core_repository")
                .WithColumn("topic", ColumnType.Text, c => c.Nullable());
            schema.CreateDetailTable("note_notedistribution", "core_distribution");
        }
    }
}
