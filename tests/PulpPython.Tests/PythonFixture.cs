using System.Net.Http.Headers;

namespace PulpPython.Tests;

/// <summary>A server with the python plugin, and what tests of it do again and again.</summary>
public abstract class PythonFixture(Engine engine) : ApiFixture(engine)
{
    /// <summary>A repository and an index of it.</summary>
    protected async Task<(string Repository, string Path)> NewIndexAsync(object? repository = null, object? more = null)
    {
        var path = PulpClient.Unique();
        var made = await Api.PostAsync(
            "repositories/python/python/",
            PulpClient.Merge(new { name = path }, repository)
        );
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/python/pypi/",
                PulpClient.Merge(
                    new
                    {
                        name = path,
                        base_path = path,
                        repository = made.Href,
                    },
                    more
                )
            )
        );
        return (made.Href, path);
    }

    /// <summary>Stores a package and answers its href.</summary>
    protected async Task<string> NewPackageAsync(TestPackage package) =>
        (
            await Api.SendContentAsync(HttpMethod.Post, "content/python/packages/upload/", Form(package, "file", []))
        ).Href;

    /// <summary>Stores packages and adds them to a repository, as one version.</summary>
    protected async Task AddAsync(string repository, params TestPackage[] packages)
    {
        var units = new List<string>();
        foreach (var package in packages)
        {
            units.Add(await NewPackageAsync(package));
        }

        await Api.CompletedAsync(await Api.PostAsync(repository + "modify/", new { add_content_units = units }));
    }

    /// <summary>What twine sends.</summary>
    protected Task<Answer> UploadAsync(
        string path,
        TestPackage package,
        string where = "legacy/",
        (string Name, string Value)[]? fields = null
    ) =>
        Api.SendContentAsync(
            HttpMethod.Post,
            $"/pypi/{path}/{where}",
            Form(
                package,
                "content",
                fields
                    ??
                    [
                        (":action", "file_upload"),
                        ("protocol_version", "1"),
                        ("name", package.Project),
                        ("version", package.Version),
                        ("classifiers", "Topic :: One"),
                        ("classifiers", "Topic :: Two"),
                        ("sha256_digest", package.Sha256),
                    ]
            )
        );

    protected static MultipartFormDataContent Form(
        TestPackage package,
        string file,
        (string Name, string Value)[] fields
    )
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), $"\"{name}\"");
        }

        form.Add(new ByteArrayContent(package.Bytes), file, package.Filename);
        return form;
    }

    /// <summary>A page as a client asks for it who isn't known.</summary>
    protected async Task<Answer> PageAsync(
        string path,
        string accept = "text/html",
        Action<HttpRequestHeaders>? with = null
    )
    {
        using var nobody = new PulpClient(Server.Url, user: null, password: null);
        return await nobody.SendContentAsync(
            HttpMethod.Get,
            $"/pypi/{path}",
            content: null,
            request =>
            {
                request.Headers.TryAddWithoutValidation("Accept", accept);
                with?.Invoke(request.Headers);
            }
        );
    }

    /// <summary>A page of the JSON form.</summary>
    protected async Task<JsonNode> JsonPageAsync(string path)
    {
        var answer = await PageAsync(path, "application/vnd.pypi.simple.v1+json");
        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
        return JsonNode.Parse(answer.Text) ?? new JsonObject();
    }

    /// <summary>How many versions a repository has, with the empty first one.</summary>
    protected async Task<int> VersionsAsync(string repository) =>
        (int?)(await Api.GetAsync($"{repository}versions/")).Json?["count"] ?? 0;
}
