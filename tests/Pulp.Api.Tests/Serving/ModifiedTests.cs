namespace Pulp.Api.Tests.Serving;

/// <summary>Dates of files, by which clients like <c>wget -N</c> decide what to fetch again.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ModifiedTests(Engine engine) : ApiFixture(engine)
{
    private async Task<HttpResponseMessage> GetAsync(string path, DateTimeOffset? since = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfModifiedSince = since;
        return await Api.Http.SendAsync(request);
    }

    private static DateTimeOffset ModifiedOf(HttpResponseMessage answer) =>
        answer.Content.Headers.LastModified ?? throw new InvalidOperationException("No Last-Modified.");

    private static DateTimeOffset DateOf(HttpResponseMessage answer) =>
        answer.Headers.Date ?? throw new InvalidOperationException("No Date.");

    private async Task<DateTimeOffset> ModifiedAsync(string path)
    {
        using var answer = await GetAsync(path);
        return ModifiedOf(answer);
    }

    [Test]
    public async Task A_promotion_changes_no_dates_of_files_that_stay()
    {
        Upstream.With("stays", "1 " + Guid.NewGuid()).Listed();
        var (repository, remote) = await SyncedAsync();
        var first = await Api.NewPublicationAsync(new { repository });
        var (distribution, path) = await Api.NewDistributionAsync(new { publication = first });
        var before = await ModifiedAsync(path + "stays");
        await AgeAsync();
        Upstream.With("comes", "2 " + Guid.NewGuid()).Listed();
        await Api.SyncAsync(repository, remote);
        var second = await Api.NewPublicationAsync(new { repository });

        await Api.CompletedAsync(await Api.PatchAsync(distribution, new { publication = second }));

        var after = await ModifiedAsync(path + "stays");
        using var unchanged = await GetAsync(path + "stays", after);
        Assert.Multiple(() =>
        {
            Assert.That(after, Is.LessThan(before), "the file's own date, which the test moved back");
            Assert.That((int)unchanged.StatusCode, Is.EqualTo(304));
        });
    }

    /// <summary>Moves all that is stored an hour back, so that what comes now is later.</summary>
    private async Task AgeAsync()
    {
        var database = (Pulp.Core.Platform.Data.Database?)
            Server.Services.GetService(typeof(Pulp.Core.Platform.Data.Database));
        var then = DateTimeOffset.UnixEpoch.AddDays(20_000);
        await (
            database?.ExecuteAsync($"update core_artifact set pulp_created = {then}", CancellationToken.None)
            ?? Task.CompletedTask
        );
    }

    [Test]
    public async Task A_file_that_was_put_back_to_an_older_one_counts_as_changed()
    {
        Upstream.With("file", "one " + Guid.NewGuid()).Listed();
        var (repository, remote) = await SyncedAsync();
        var first = await Api.NewPublicationAsync(new { repository });
        await AgeAsync();
        Upstream.With("file", "two " + Guid.NewGuid()).Listed();
        await Api.SyncAsync(repository, remote);
        var second = await Api.NewPublicationAsync(new { repository });
        var (distribution, path) = await Api.NewDistributionAsync(new { publication = second });
        var newer = await ModifiedAsync(path + "file");

        await Api.CompletedAsync(await Api.PatchAsync(distribution, new { publication = first }));

        using var older = await GetAsync(path + "file", newer);
        Assert.That((int)older.StatusCode, Is.EqualTo(200));
        Assert.That(ModifiedOf(older), Is.LessThan(newer));
    }

    [Test]
    public async Task No_date_is_later_than_the_answers_own()
    {
        var repository = await Api.NewRepositoryAsync();
        for (var i = 0; i < 20; i++)
        {
            var unit = await Api.NewFileAsync($"{i}", $"{i} {Guid.NewGuid()}");
            await Api.CompletedAsync(
                await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
            );
            var publication = await Api.NewPublicationAsync(new { repository });
            var (_, own) = await Api.NewDistributionAsync(new { publication });

            using var answer = await GetAsync(own + $"{i}");

            Assert.That(ModifiedOf(answer), Is.LessThanOrEqualTo(DateOf(answer)));
        }
    }

    [Test]
    public async Task A_date_from_a_clock_that_is_ahead_is_cut_to_now()
    {
        Upstream.With("file", "ahead " + Guid.NewGuid()).Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        var database = (Pulp.Core.Platform.Data.Database?)
            Server.Services.GetService(typeof(Pulp.Core.Platform.Data.Database));
        await (
            database?.ExecuteAsync(
                $"update core_artifact set pulp_created = {DateTimeOffset.UnixEpoch.AddDays(40_000)}",
                CancellationToken.None
            )
            ?? Task.CompletedTask
        );

        using var answer = await GetAsync(path + "file");
        await AgeAsync();

        Assert.That(ModifiedOf(answer), Is.EqualTo(DateOf(answer)));
    }
}
