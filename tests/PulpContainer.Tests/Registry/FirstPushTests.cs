namespace PulpContainer.Tests.Registry;

/// <summary>The first push to a name makes its namespace, its repository and its distribution.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FirstPushTests(Engine engine) : RegistryFixture(engine)
{
    private const string Made = "pulpcore.app.tasks.base.general_create";

    /// <summary>Begins eight pushes at once, here and at another server on the same data; answers the status of each.</summary>
    private async Task<IReadOnlyList<int>> BeginAtOnceAsync(Func<int, string> name)
    {
        await using var other = await TestServer.StartAsync(Server.Settings);
        using var elsewhere = new PulpClient(other.Url, "admin", TestServer.Password);
        return await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async i =>
                {
                    using var body = new ByteArrayContent([]);
                    using var answer = await (i % 2 == 0 ? Api : elsewhere).Http.PostAsync(
                        $"/v2/{name(i)}/blobs/uploads/",
                        body
                    );
                    return (int)answer.StatusCode;
                })
        );
    }

    [Test]
    public async Task First_pushes_to_one_name_at_once_make_one_repository_and_no_task()
    {
        var name = NewName();
        var tasks = await TasksAsync("");

        var begun = await BeginAtOnceAsync(_ => name);
        await PushAsync(name, "1.0", TestImage.New());
        var repositories = (await Api.GetAsync($"repositories/container/container/?name={name}")).Results;
        var distributions = (await Api.GetAsync($"distributions/container/container/?base_path={name}")).Results;
        var after = await TasksAsync("");
        var spaces = (await Api.GetAsync($"pulp_container/namespaces/?name={name.Split('/')[0]}")).Results;

        Assert.Multiple(() =>
        {
            Assert.That(begun, Has.All.EqualTo(202));
            Assert.That(repositories, Has.Count.EqualTo(1));
            Assert.That(distributions, Has.Count.EqualTo(1));
            Assert.That(spaces, Has.Count.EqualTo(1));
            Assert.That((string?)distributions[0]["name"], Is.EqualTo(name));
            Assert.That(
                (string?)distributions[0]["repository"],
                Is.EqualTo((string?)repositories[0]["pulp_href"]),
                "the repository that is served"
            );
            Assert.That((string?)distributions[0]["namespace"], Is.EqualTo((string?)spaces[0]["pulp_href"]));
            Assert.That(after, Is.EqualTo(tasks));
        });
    }

    [Test]
    public async Task First_pushes_to_several_names_of_a_new_namespace_all_pass()
    {
        var space = PulpClient.Unique().ToLowerInvariant();

        var begun = await BeginAtOnceAsync(i => $"{space}/app{i}");

        var spaces = (await Api.GetAsync($"pulp_container/namespaces/?name={space}")).Results;
        var distributions = await Api.GetAsync($"distributions/container/container/?namespace__name={space}");
        Assert.That(begun, Has.All.EqualTo(202));
        Assert.That((spaces.Count, distributions.Results.Count), Is.EqualTo((1, 8)));
    }

    [Test]
    public async Task Base_paths_of_first_pushes_and_of_tasks_at_the_same_moment_do_not_overlap()
    {
        string[] names = [.. Enumerable.Range(0, 12).Select(_ => NewName())];

        var ends = await Task.WhenAll(
            names.Select(async name =>
            {
                var push = SendAsync("POST", $"{name}/blobs/uploads/");
                var below = await Api.PostAsync(
                    "distributions/container/container/",
                    new { name = name + "/below", base_path = name + "/below" }
                );
                var isMade = below.Code == 202 && (string?)(await Api.EndOfAsync(below.Task))["state"] == "completed";
                return (Pushed: (await push).Status == 202, IsMade: isMade);
            })
        );

        Assert.That(ends.Select(e => e.Pushed ^ e.IsMade), Has.All.True);
    }

    /// <summary>Changes to distributions are one at a time, and in order.</summary>
    [Test]
    public async Task A_first_push_goes_behind_a_task_that_changes_distributions()
    {
        var (go, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        Upstream.Faulty(
            "v2/slow/app/tags/list",
            async context =>
            {
                asked.TrySetResult();
                await go.Task.WaitAsync(context.RequestAborted);
                context.Response.StatusCode = 404;
            }
        );
        var (name, before) = (NewName(), await TasksAsync(Made));
        var remote = await Api.PostAsync(
            "remotes/container/container/",
            new
            {
                name = PulpClient.Unique(),
                url = Upstream.Url,
                upstream_name = "slow/app",
                max_retries = 0,
            }
        );
        var mirror = await Api.PostAsync("repositories/container/container/", new { name = PulpClient.Unique() });
        var sync = (await Api.PostAsync(mirror.Href + "sync/", new { remote = remote.Href })).Task;
        await asked.Task;
        await Server.ExecuteAsync(
            $"""
            insert into core_taskreservation (task_id, resource, exclusive, granted)
            select t.pulp_id, 'pdrn:' || t.pulp_domain_id || ':distributions', true, true from core_task t
             where t.pulp_id = '{sync.TrimEnd('/').Split('/')[^1]}'
            """
        );

        var pushing = SendAsync("POST", $"{name}/blobs/uploads/");
        Assert.That(() => TasksAsync(Made), Is.EqualTo(before + 1).Soon());
        var isWaiting = !pushing.IsCompleted;
        go.SetResult();
        await Api.EndOfAsync(sync);
        var pushed = await pushing;
        await PushAsync(name, "1.0", TestImage.New());

        Assert.Multiple(() =>
        {
            Assert.That(isWaiting);
            Assert.That(pushed.Status, Is.EqualTo(202), pushed.Text);
        });
    }

    private async Task<int> TasksAsync(string name) =>
        (int)((await Api.GetAsync($"tasks/?limit=1{(name.Length > 0 ? "&name=" + name : "")}")).Json?["count"] ?? 0);
}
