namespace PulpContainer.Tests.Builds;

/// <summary>Images are built by the real buildah from what is uploaded and from file repositories.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BuildTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task An_image_is_built_from_an_uploaded_Containerfile_and_files_of_a_repository()
    {
        var (repository, name) = await NewRepositoryAsync();
        var files = await NewFilesAsync(("greeting/hello.txt", "hello from the context"));

        var started = await BuildAsync(
            repository,
            ("containerfile", "FROM scratch\nCOPY greeting/hello.txt /hello.txt\nLABEL made=here\n"),
            ("tag", "1.0"),
            ("build_context", await Api.LatestAsync(files))
        );
        var task = await EndAsync(started);
        var image = await GetAsync($"{name}/manifests/1.0");
        var config = await GetAsync($"{name}/blobs/{(string?)image.Json["config"]?["digest"]}");
        var layer = await GetAsync($"{name}/blobs/{(string?)image.Json["layers"]?[0]?["digest"]}");
        var units = await Api.GetAsync(
            $"content/container/manifests/?repository_version={await Api.LatestAsync(repository)}"
        );

        Assert.Multiple(() =>
        {
            Assert.That(task["created_resources"]?.AsArray(), Has.Count.EqualTo(1));
            Assert.That(image.Content.ContentType?.MediaType, Is.EqualTo(TestImage.OciManifest));
            Assert.That((string?)config.Json["config"]?["Labels"]?["made"], Is.EqualTo("here"));
            Assert.That(layer.Body, Is.Not.Empty);
            Assert.That(units.Results, Has.Count.EqualTo(1));
            Assert.That((string?)units.Results[0]["type"], Is.EqualTo("image"));
            Assert.That((string?)units.Results[0]["labels"]?["made"], Is.EqualTo("here"));
        });
    }

    [Test]
    public async Task The_Containerfile_may_be_one_of_the_files()
    {
        var (repository, name) = await NewRepositoryAsync();
        var files = await NewFilesAsync(("build/Containerfile", "FROM scratch\nCOPY data /\n"), ("data", "some data"));
        var context = await Api.LatestAsync(files);

        var missing = await BuildAsync(repository, ("containerfile_name", "Other"), ("build_context", context));
        await EndAsync(
            await BuildAsync(repository, ("containerfile_name", "build/Containerfile"), ("build_context", context))
        );

        var image = await GetAsync($"{name}/manifests/latest");
        Assert.That((missing.Code, image.Status), Is.EqualTo((400, 200)), missing.Text);
        Assert.That(missing.Text, Does.Contain("Could not find the Containerfile"));
    }

    [Test]
    public async Task What_cannot_be_built_is_refused_or_told()
    {
        var (repository, _) = await NewRepositoryAsync();
        var own = await Api.LatestAsync(repository);

        var nothing = await BuildAsync(repository);
        var both = await BuildAsync(repository, ("containerfile", "FROM scratch"), ("containerfile_name", "x"));
        var nowhere = await BuildAsync(repository, ("containerfile_name", "x"));
        var tag = await BuildAsync(repository, ("containerfile", "FROM scratch"), ("tag", "-"));
        var noFiles = await BuildAsync(repository, ("containerfile", "FROM scratch"), ("build_context", own));
        var failed = await Api.EndOfAsync(
            (await BuildAsync(repository, ("containerfile", "FROM scratch\nCOPY missing /\n"))).Task
        );

        Assert.Multiple(() =>
        {
            Assert.That(new[] { nothing.Code, both.Code, nowhere.Code, tag.Code, noFiles.Code }, Has.All.EqualTo(400));
            Assert.That(noFiles.Text, Does.Contain("not a version of a file repository"));
            Assert.That((string?)failed["state"], Is.EqualTo("failed"));
            Assert.That((string?)failed["error"]?["description"], Does.Contain("missing").Or.Contain("PATH"));
        });
    }

    [Test]
    public async Task Files_that_somebody_may_not_see_are_not_built_in()
    {
        var (repository, _) = await NewRepositoryAsync();
        var context = await Api.LatestAsync(await NewFilesAsync(("secret", "x")));
        var user = PulpClient.Unique();
        var account = await Api.PostAsync("users/", new { username = user, password = "a good one 1" });
        await Api.PostAsync(
            account.Href + "roles/",
            new { role = "container.containerrepository_owner", content_object = repository }
        );
        using var builder = new PulpClient(Server.Url, user, "a good one 1");

        var refused = await BuildAsync(
            repository,
            builder,
            ("containerfile", "FROM scratch\nCOPY secret /\n"),
            ("build_context", context)
        );
        var allowed = await BuildAsync(repository, builder, ("containerfile", "FROM scratch\nLABEL a=b\n"));

        Assert.That((refused.Code, allowed.Code), Is.EqualTo((400, 202)), refused.Text + allowed.Text);
        await Api.EndOfAsync(allowed.Task);
    }

    private async Task<(string Repository, string Name)> NewRepositoryAsync()
    {
        var name = NewName();
        var repository = await Api.PostAsync("repositories/container/container/", new { name });
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/container/container/",
                new
                {
                    name,
                    base_path = name,
                    repository = repository.Href,
                }
            )
        );
        return (repository.Href, name);
    }

    private async Task<string> NewFilesAsync(params (string Path, string Text)[] files)
    {
        var repository = await Api.NewRepositoryAsync();
        foreach (var (path, text) in files)
        {
            var unit = await Api.NewFileAsync(path, text);
            await Api.CompletedAsync(
                await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
            );
        }

        return repository;
    }

    private Task<Answer> BuildAsync(string repository, params (string Name, string Value)[] fields) =>
        BuildAsync(repository, Api, fields);

    private static async Task<Answer> BuildAsync(
        string repository,
        PulpClient who,
        params (string Name, string Value)[] fields
    )
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            if (name == "containerfile")
            {
                form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value)), name, "Containerfile");
            }
            else
            {
                form.Add(new StringContent(value), name);
            }
        }

        return await who.SendContentAsync(HttpMethod.Post, repository + "build_image/", form);
    }

    private async Task<JsonNode> EndAsync(Answer started)
    {
        Assert.That(started.Code, Is.EqualTo(202), started.Text);
        var task = await Api.EndOfAsync(started.Task);
        if (((string?)task["error"]?["description"])?.Contains("on this worker's PATH") == true)
        {
            Assert.Ignore("Neither buildah nor podman is installed here.");
        }

        Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
        return task;
    }
}
