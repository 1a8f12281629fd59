using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Artifacts;
using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Models;

namespace Pulp.Api.Tests.Maintenance;

/// <summary>Files of artifacts that have no row: where a process ended, or the answer of a commit was lost, in between.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class StrayFileTests(Engine engine) : ApiFixture(engine)
{
    private static readonly DateTime LongAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    protected override void Configure(PulpSettings settings) => settings.OrphanProtectionTime = 24 * 60;

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    [SetUp]
    public Task The_database_is_older_than_all_files() => BeginAsync(new DateTimeOffset(LongAgo.AddYears(-1)));

    private Task BeginAsync(DateTimeOffset moment) =>
        Service<Database>().ExecuteAsync($"update core_migration set applied_at = {moment}", CancellationToken.None);

    private string PathOf(string name) => Path.Combine(Server.Settings.MediaRoot, name);

    private string Stray(byte[] bytes, DateTime? keptAt = null, Guid? domain = null) =>
        Lying(
            ArtifactFiles.NameOf(domain ?? Domains.Default, Convert.ToHexStringLower(SHA256.HashData(bytes))),
            bytes,
            keptAt ?? LongAgo
        );

    private string Lying(string name, byte[] bytes, DateTime keptAt)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, keptAt);
        return path;
    }

    private static byte[] Bytes() => Guid.NewGuid().ToByteArray();

    private async Task CleanAsync(object body) =>
        await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", body));

    private async Task<string> ArtifactAsync(string content)
    {
        var unit = await Api.GetAsync(content);
        return PathOf((string?)(await Api.GetAsync((string?)unit.Json?["artifact"] ?? "")).Json?["file"] ?? "");
    }

    [Test]
    public async Task Old_files_without_a_row_go_and_those_of_artifacts_stay()
    {
        var mine = await ArtifactAsync(await Api.NewFileAsync("mine", "mine " + Guid.NewGuid()));
        File.SetLastWriteTimeUtc(mine, LongAgo);
        var (stray, young) = (Stray(Bytes()), Stray(Bytes(), keptAt: Now));

        await CleanAsync(new { });

        Assert.Multiple(() =>
        {
            Assert.That(File.Exists(stray), Is.False);
            Assert.That(File.Exists(young), Is.True);
            Assert.That(File.Exists(mine), Is.True);
        });
    }

    [Test]
    public async Task A_file_that_was_kept_a_moment_ago_stays_whatever_time_is_asked_for()
    {
        var (young, older) = (Stray(Bytes(), keptAt: Now), Stray(Bytes(), Now.AddHours(-2)));

        await CleanAsync(new { orphan_protection_time = 0 });

        Assert.That((File.Exists(young), File.Exists(older)), Is.EqualTo((true, false)));
    }

    /// <summary>As where the address of a new database is given by mistake: it has no row for anything.</summary>
    [Test]
    public async Task Files_that_are_older_than_the_database_are_left_alone()
    {
        await BeginAsync(new DateTimeOffset(Now.AddHours(-3)));
        var (older, stray) = (Stray(Bytes(), Now.AddHours(-4)), Stray(Bytes(), Now.AddHours(-2)));

        await CleanAsync(new { orphan_protection_time = 0 });

        Assert.That((File.Exists(older), File.Exists(stray)), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task What_no_artifact_can_be_called_is_left_alone()
    {
        string[] others =
        [
            Lying("artifact/ab/notes.txt", Bytes(), LongAgo),
            Lying($"artifact/ab/{new string('A', 62)}", Bytes(), LongAgo),
            Lying($"artifact/ab/cd/{new string('a', 59)}", Bytes(), LongAgo),
            Lying($"artifact/{new string('a', 64)}", Bytes(), LongAgo),
            Stray(Bytes(), domain: Guid.NewGuid()),
        ];

        await CleanAsync(new { });

        Assert.That(others.Where(File.Exists), Is.EqualTo(others));
    }

    [Test]
    public async Task Cleaning_some_units_looks_for_no_files()
    {
        var unit = await Api.NewFileAsync("named", "named " + Guid.NewGuid());
        var stray = Stray(Bytes());

        await CleanAsync(new { content_hrefs = new[] { unit } });

        Assert.That(File.Exists(stray));
    }

    /// <summary>As where somebody keeps the same file, and the cleaning comes before the row.</summary>
    [Test]
    public async Task A_file_whose_row_is_on_its_way_stays()
    {
        var (artifacts, storage) = (Service<ArtifactStore>(), Service<FileStorage>());
        await using var file = await storage.WriteAsync(new MemoryStream(Bytes()), limit: null, CancellationToken.None);
        Task cleaning;
        string path;
        await using (await artifacts.HoldAsync(CancellationToken.None))
        {
            var kept = await artifacts.KeepAsync(Domains.Default, [file], CancellationToken.None);
            path = PathOf(kept.Fresh[0].File);
            File.SetLastWriteTimeUtc(path, LongAgo);
            cleaning = Service<StrayFiles>()
                .RemoveAsync(Domains.Default, DateTimeOffset.MaxValue, CancellationToken.None);
            await artifacts.StoreAsync(Service<Database>(), kept, CancellationToken.None);
        }

        await cleaning;
        Assert.That(File.Exists(path));
    }

    /// <summary>Each upload finds an old file in its place that the cleaning is about to remove.</summary>
    [Test]
    public async Task Uploads_of_the_same_bytes_meanwhile_keep_their_files()
    {
        for (var round = 0; round < 10; round++)
        {
            byte[][] contents = [.. Enumerable.Range(0, 8).Select(_ => Bytes())];
            string[] strays = [.. contents.Select(bytes => Stray(bytes))];
            var cleaning = CleanAsync(new { });
            var uploads = contents.Select(bytes => Api.UploadAsync("artifacts/", bytes)).ToList();

            await Task.WhenAll([cleaning, .. uploads]);

            Assert.That((await Task.WhenAll(uploads)).Select(u => u.Code), Is.All.EqualTo(201));
            Assert.That(strays.Where(File.Exists), Is.EqualTo(strays));
        }
    }

    private T Service<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();
}
