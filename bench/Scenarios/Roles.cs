using System.Text;

namespace Pulp.Bench.Scenarios;

/// <summary>Lists of 100 as users see them by their roles, beside an administrator's, with a thousand users and ten thousand repositories.</summary>
internal static class Roles
{
    private const int Repositories = 10_000;
    private const int Users = 1_000;
    private const string Password = "a good one 1";
    private const string Aim = "CPU 1.20";

    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        var api = fixture.Api;
        await NewUserAsync(api, "half", "file.filerepository_creator");
        await NewUserAsync(api, "few", "file.filerepository_creator");
        await NewUserAsync(api, "auditor", "file.filerepository_viewer");
        await MakeAsync(fixture, "half", Repositories / 2);
        await MakeAsync(fixture, "few", 10);
        await MakeAsync(fixture, "admin", (Repositories / 2) - 10);
        await EverybodyAsync(api);

        Data.Files(fixture.Files, "small", 10_000);
        var (repository, _, _) = await fixture.MirrorAsync("small", "immediate");
        foreach (var user in new[] { "half", "few" })
        {
            var given = await api.PostAsync(
                repository + "add_role/",
                new { role = "file.filerepository_viewer", users = new[] { user } }
            );
            _ = given.Code == 201 ? 0 : throw new InvalidOperationException(given.Text);
        }

        var version = await api.LatestAsync(repository);
        foreach (
            var path in new[]
            {
                "repositories/file/file/?limit=100",
                "repositories/?limit=100",
                $"content/file/files/?limit=100&repository_version={version}",
                "content/file/files/?limit=100",
                "tasks/?limit=100",
            }
        )
        {
            foreach (
                var (who, user) in new[]
                {
                    ("of half of it", "half"),
                    ("of ten", "few"),
                    ("(a viewer of all repositories)", "auditor"),
                }
            )
            {
                var (ours, reference) = await Measuring.AlternateAsync(
                    () => MeasureAsync(fixture, path, user, Password),
                    () => MeasureAsync(fixture, path, "admin", ServerProcess.Password)
                );
                yield return Line.Of(
                    $"{path.Replace(version, "...", StringComparison.Ordinal)} of an owner {who}",
                    ours,
                    reference,
                    "an administrator",
                    Aim
                );
            }
        }
    }

    private static Task<Measured> MeasureAsync(Fixture fixture, string path, string user, string password) =>
        Measuring.WrkAsync(
            $"{fixture.Server.Url}/pulp/api/v3/{path}",
            fixture.Process,
            connections: 8,
            seconds: 2,
            headers: ["Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))]
        );

    private static async Task<string> NewUserAsync(PulpClient api, string username, string role)
    {
        var user = (await api.PostAsync("users/", new { username, password = Password })).Href;
        _ = (await api.PostAsync(user + "roles/", new { role, content_object = (string?)null })).Href;
        return user;
    }

    private static async Task MakeAsync(Fixture fixture, string user, int count)
    {
        using var api = new PulpClient(fixture.Server.Url, user, user == "admin" ? ServerProcess.Password : Password);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (_, _) => await api.NewRepositoryAsync()
        );
    }

    /// <summary>A thousand users with a role on a repository each, as others whose rows lie between.</summary>
    private static async Task EverybodyAsync(PulpClient api)
    {
        var repositories = (await api.GetAsync($"repositories/file/file/?limit={Users}")).Results;
        await Parallel.ForEachAsync(
            repositories,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (repository, cancellationToken) =>
            {
                var user = (await api.PostAsync("users/", new { username = PulpClient.Unique() })).Href;
                var on = new { role = "file.filerepository_owner", content_object = (string?)repository["pulp_href"] };
                _ = (await api.PostAsync(user + "roles/", on)).Href;
            }
        );
    }
}
