using System.Runtime.CompilerServices;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Sync;

namespace Pulp.Api.Tests.Sync;

/// <summary>A plan that waits for one of its units to be stored, when that will not happen any more.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class WaitingPlanTests(Engine engine)
{
    private TestServer? _server;
    private FakeUpstream? _upstream;

    private TestServer Server => _server ?? throw new InvalidOperationException("The server isn't started.");

    private FakeUpstream Upstream => _upstream ?? throw new InvalidOperationException("The upstream isn't started.");

    private PulpClient Api => Server.Api;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await TestServer.StartAsync(engine, extra: [new ParcelPlugin()]);
        _upstream = await FakeUpstream.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await Server.DisposeAsync();
        await Upstream.DisposeAsync();
        Directory.Delete(Server.Settings.DataDir, recursive: true);
    }

    /// <summary>Starts a sync whose plan waits for a unit with a file that never comes.</summary>
    private async Task<(string Repository, string Task, Task FileAskedFor)> StartSyncAsync(string fault)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Faulty(
            $"{fault}/endless",
            async context =>
            {
                asked.TrySetResult();
                var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var end = context.RequestAborted.Register(() => gone.TrySetResult());
                await gone.Task;
            }
        );
        var remote = await Api.PostAsync(
            "remotes/parcel/parcel/",
            new
            {
                name = PulpClient.Unique(),
                url = $"{Upstream.Url}/{fault}",
                policy = "immediate",
            }
        );
        var repository = await Api.PostAsync("repositories/parcel/parcel/", new { name = PulpClient.Unique() });
        var sync = await Api.PostAsync(repository.Href + "sync/", new { remote = remote.Href });
        return (repository.Href, sync.Task, asked.Task);
    }

    [TestCase("download", "missing")]
    [TestCase("save", null)]
    public async Task It_ends_when_another_unit_fails_and_the_repository_is_free(string fault, string? reason)
    {
        var (repository, sync, _) = await StartSyncAsync(fault);

        var task = await Api.EndOfAsync(sync);
        var next = await Api.EndOfAsync((await Api.PostAsync(repository + "modify/")).Task);

        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("failed"), task.ToJsonString());
            Assert.That(
                (string?)task["error"]?["description"],
                Does.Contain(reason ?? ""),
                "the cause, not what followed"
            );
            Assert.That((string?)task["error"]?["description"], Does.Not.Contain("cancel"));
            Assert.That((string?)next["state"], Is.EqualTo("completed"), next.ToJsonString());
        });
    }

    [Test]
    public async Task It_ends_when_the_sync_is_canceled()
    {
        var (_, sync, asked) = await StartSyncAsync("none");
        await asked;

        await Api.PatchAsync(sync, new { state = "canceled" });
        var task = await Api.EndOfAsync(sync);

        Assert.That((string?)task["state"], Is.EqualTo("canceled"), task.ToJsonString());
    }

    private sealed class ParcelPlugin : PulpPlugin
    {
        public override PluginIdentity Identity { get; } = new("parcel", "1.0.0");

        public override void Configure(IPluginBuilder plugin)
        {
            plugin.Content<ParcelContent>("parcel", "parcels");
            plugin.Remote<ParcelRemote>("parcel");
            plugin
                .Repository<ParcelRepository>("parcel")
                .Holds<ParcelContent>()
                .SyncsWith<ParcelSync>("pulp_parcel.app.tasks.synchronize");
            plugin.Migrations(new ParcelTables());
        }
    }

    [Unique(nameof(Text))]
    internal sealed record ParcelContent : Content
    {
        [Field("What is on the label.", Filter = Lookups.Text)]
        public required string Text { get; init; }
    }

    internal sealed record ParcelRemote : Remote;

    internal sealed record ParcelRepository : Repository;

    /// <summary>The end of the remote's address says what goes wrong beside the unit that is waited for.</summary>
    internal sealed class ParcelSync : SyncPlan<ParcelRepository, ParcelRemote>
    {
        public override async IAsyncEnumerable<DeclaredContent> DeclareAsync(
            SyncContext<ParcelRepository, ParcelRemote> sync,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            var fault = sync.Url[(sync.Url.LastIndexOf('/') + 1)..];
            var awaited = new DeclaredContent(
                new ParcelContent { Text = fault },
                new DeclaredArtifact("endless", sync.Url + "/endless")
            );
            yield return awaited;
            if (fault == "download")
            {
                var broken = new DeclaredArtifact("missing", sync.Url + "/missing");
                yield return new DeclaredContent(new ParcelContent { Text = "without its file" }, broken);
            }
            else if (fault == "save")
            {
                // No database takes it: the column must not be empty.
                yield return new DeclaredContent(new ParcelContent { Text = null! });
            }

            await awaited.SavedAsync();
        }
    }

    private sealed class ParcelTables() : Migration(1, "parcels")
    {
        public override void Up(SchemaBuilder schema)
        {
            schema
                .CreateDetailTable("parcel_parcelcontent", "core_content")
                .WithColumn("text", ColumnType.Text)
                .UniqueInDomain("text");
            schema.CreateDetailTable("parcel_parcelremote", "core_remote");
            schema.CreateDetailTable("parcel_parcelrepository", "core_repository");
        }
    }
}
