using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Uploads;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Tests;

/// <summary>Uploads in pieces that several requests, or processes, go on with at once.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class StagedUploadConflictTests(Engine engine) : SkeletonFixture(engine)
{
    private const string Owner = "me";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private TestServer? _other;
    private AsyncServiceScope _here;
    private AsyncServiceScope _there;

    private IStagedUploads Here => _here.ServiceProvider.GetRequiredService<IStagedUploads>();

    private IStagedUploads There => _there.ServiceProvider.GetRequiredService<IStagedUploads>();

    protected override void Configure(PulpSettings settings)
    {
        base.Configure(settings);
        settings.FlushArtifacts = true;
    }

    [OneTimeSetUp]
    public async Task StartOtherAsync()
    {
        _other = await TestServer.StartAsync(Server.Settings, Plugins);
        _here = Server.Services.CreateAsyncScope();
        _there = _other.Services.CreateAsyncScope();
    }

    [OneTimeTearDown]
    public async Task StopOtherAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }
    }

    [Test]
    public async Task While_the_first_piece_comes_no_other_does([Values] bool elsewhere)
    {
        var id = Guid.NewGuid();
        var slow = await SlowPiece.BeginAsync(body => AppendAsync(Here, id, 0, body), "one");

        await Assert.ThrowsAsync<ConflictException>(() => AppendAsync(elsewhere ? There : Here, id, 0, Text("other")));
        await slow.EndAsync(" two");
        var next = await AppendAsync(elsewhere ? There : Here, id, 7, Text(" three"));
        var stored = await Here.CommitAsync(id, Expected("one two three"), CancellationToken.None);

        Assert.That((next, stored.Size), Is.EqualTo((13, 13)));
    }

    [Test]
    public async Task While_a_piece_comes_nobody_adds_ends_or_cancels([Values] bool elsewhere)
    {
        var id = Guid.NewGuid();
        var other = elsewhere ? There : Here;
        await AppendAsync(Here, id, 0, Text("a"));
        var slow = await SlowPiece.BeginAsync(body => AppendAsync(Here, id, 1, body), "go");

        await Assert.ThrowsAsync<ConflictException>(() => AppendAsync(other, id, 1, Text("evil")));
        await Assert.ThrowsAsync<ConflictException>(() => other.CommitAsync(id, Expected("a"), CancellationToken.None));
        await Assert.ThrowsAsync<ConflictException>(() => other.CancelAsync(id, CancellationToken.None));
        await slow.EndAsync("od");
        await using var file = await other.TakeAsync(id, Expected("agood"), CancellationToken.None);
        await using var body = file.OpenRead();
        using var reader = new StreamReader(body);

        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("agood"));
    }

    [Test]
    public async Task While_it_is_stored_nobody_adds_ends_or_cancels([Values] bool elsewhere)
    {
        var id = Guid.NewGuid();
        var other = elsewhere ? There : Here;
        await AppendAsync(Here, id, 0, Text("whole"));

        await using (await Here.TakeAsync(id, Expected("whole"), CancellationToken.None))
        {
            await Assert.ThrowsAsync<ConflictException>(() => AppendAsync(other, id, 5, Text("more")));
            await Assert.ThrowsAsync<ConflictException>(() =>
                other.CommitAsync(id, Expected("whole"), CancellationToken.None)
            );
            await Assert.ThrowsAsync<ConflictException>(() => other.CancelAsync(id, CancellationToken.None));
        }

        await other.CancelAsync(id, CancellationToken.None);
        Assert.That(await Here.FindAsync(id, CancellationToken.None), Is.Null);
    }

    /// <summary>The file has been moved to its place then, and the row of its artifact isn't committed.</summary>
    [Test]
    public async Task Who_asks_once_more_while_it_is_stored_doesnt_end_it([Values] bool elsewhere)
    {
        var (id, text) = (Guid.NewGuid(), Guid.NewGuid().ToString());
        await AppendAsync(Here, id, 0, Text(text));
        await using (var file = await Here.TakeAsync(id, Expected(text), CancellationToken.None))
        {
            var whole = StagedTemporaryFile.Of(file);
            await Service<ArtifactStore>().KeepAsync(Domains.Default, [whole], CancellationToken.None);
            Assert.That(File.Exists(FileOf(id)), Is.False);

            await Assert.ThrowsAsync<ConflictException>(() =>
                (elsewhere ? There : Here).CommitAsync(id, Expected(text), CancellationToken.None)
            );
            await Service<ReturnedFiles>()
                .TakeBackAsync(Domains.Default, whole, new IOException(), CancellationToken.None);
        }

        var stored = await Here.CommitAsync(id, Expected(text), CancellationToken.None);
        Assert.That(stored.Size, Is.EqualTo(text.Length));
    }

    [Test]
    public async Task Who_loses_the_beginning_leaves_the_bytes_of_its_owner_alone()
    {
        var id = Guid.NewGuid();
        var slow = await SlowPiece.BeginAsync(body => AppendAsync(Here, id, 0, body), "x");
        await There.BeginAsync(id, Owner, Hour, CancellationToken.None);

        await Assert.ThrowsAsync<NotFoundException>(() => slow.EndAsync("y"));

        Assert.That(File.Exists(FileOf(id)));
        await AppendAsync(There, id, 0, Text("z"));
        Assert.That((await Here.CommitAsync(id, Expected("z"), CancellationToken.None)).Size, Is.EqualTo(1));
    }

    [Test]
    public async Task A_piece_doesnt_count_for_what_took_the_place_of_its_upload()
    {
        var id = Guid.NewGuid();
        await AppendAsync(Here, id, 0, Text("a"));
        var slow = await SlowPiece.BeginAsync(body => AppendAsync(Here, id, 1, body), "b");
        await ForgetAsync(id);
        await There.BeginAsync(id, "nobody", Hour, CancellationToken.None);

        await Assert.ThrowsAsync<NotFoundException>(() => slow.EndAsync("c"));

        Assert.That((await Here.FindAsync(id, CancellationToken.None))?.Size, Is.Zero);
        Assert.That(File.Exists(FileOf(id)), Is.False);
    }

    [Test]
    public async Task An_upload_that_has_expired_meanwhile_isnt_ended()
    {
        var id = Guid.NewGuid();
        await AppendAsync(Here, id, 0, Text("late"));
        await using var file = await Here.TakeAsync(id, Expected("late"), CancellationToken.None);
        await ForgetAsync(id);

        await Assert.ThrowsAsync<NotFoundException>(() =>
            Service<Database>()
                .InTransactionAsync(
                    async tx =>
                    {
                        await Here.EndAsync(file, tx, CancellationToken.None);
                        return true;
                    },
                    CancellationToken.None
                )
        );
    }

    [Test]
    public async Task Old_files_without_an_upload_go_however_many_have_one()
    {
        for (var i = 0; i < 20; i++)
        {
            var id = await Here.BeginAsync(Owner, Hour, CancellationToken.None);
            Old(id);
        }

        var stray = Guid.NewGuid();
        Old(stray);
        await Service<StagedUploadBytes>().RemoveExpiredAsync(most: 1, CancellationToken.None);

        Assert.That(File.Exists(FileOf(stray)), Is.False);
    }

    private void Old(Guid id)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf(id)) ?? "");
        File.WriteAllBytes(FileOf(id), []);
        File.SetLastWriteTimeUtc(FileOf(id), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    private string FileOf(Guid id) => Path.Combine(Server.Settings.MediaRoot, "upload", "staged", id.ToString());

    private Task ForgetAsync(Guid id) =>
        Service<Database>().ExecuteAsync($"delete from core_stagedupload where pulp_id = {id}", CancellationToken.None);

    private T Service<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();

    private static Task<long> AppendAsync(IStagedUploads uploads, Guid id, long from, Stream body) =>
        uploads.AppendAsync(id, Owner, Hour, from, body, CancellationToken.None);

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static FileExpectation Expected(string text) =>
        new() { Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))) };

    /// <summary>A piece whose bytes come one after another, as the test wants.</summary>
    private sealed class SlowPiece(Pipe pipe, Task<long> appending)
    {
        /// <summary>Returns when the first bytes were read: the piece is being added.</summary>
        public static async Task<SlowPiece> BeginAsync(Func<Stream, Task<long>> append, string first)
        {
            // Who writes waits for every byte to be read.
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
            var piece = new SlowPiece(pipe, append(pipe.Reader.AsStream()));
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(first));
            return piece;
        }

        public async Task<long> EndAsync(string last)
        {
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(last));
            await pipe.Writer.CompleteAsync();
            return await appending;
        }
    }
}
