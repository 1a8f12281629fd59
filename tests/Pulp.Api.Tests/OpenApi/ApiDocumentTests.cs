namespace Pulp.Api.Tests.OpenApi;

public sealed class ApiDocumentTests() : ApiFixture(Engine.Sqlite)
{
    private async Task<JsonNode> DocumentAsync(string query = "")
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        var answer = await nobody.GetAsync("docs/api.json" + query);
        return answer is { Code: 200, Json: { } document }
            ? document
            : throw new InvalidOperationException($"{answer.Code}: {answer.Text}");
    }

    private static List<(string Path, string Method, JsonNode Operation)> Operations(JsonNode document)
    {
        var all = (document["paths"]?.AsObject() ?? [])
            .SelectMany(p =>
                (p.Value?.AsObject() ?? []).Select(o =>
                    (p.Key, o.Key, o.Value ?? throw new InvalidDataException(p.Key))
                )
            )
            .ToList();
        return all.Count > 0 ? all : throw new InvalidDataException("The document has no operations.");
    }

    private static IEnumerable<JsonNode> Parameters(JsonNode operation) =>
        (operation["parameters"]?.AsArray() ?? []).OfType<JsonNode>();

    [Test]
    public async Task The_operations_are_those_that_were_verified()
    {
        var lines = Operations(await DocumentAsync())
            .Select(o => $"{(string?)o.Operation["operationId"]} {o.Method} {o.Path}")
            .Order(StringComparer.Ordinal);

        Snapshot.Matches(string.Join('\n', lines), extension: "txt");
    }

    [TestCase("")]
    [TestCase("?bindings&component=file&pk_path=1")]
    public async Task Every_reference_in_the_document_leads_somewhere_and_every_schema_is_used(string query)
    {
        var document = await DocumentAsync(query);
        var components = document["components"]?.AsObject() ?? [];
        var known = new[] { "schemas", "responses" }
            .SelectMany(part => (components[part]?.AsObject() ?? []).Select(s => $"#/components/{part}/{s.Key}"))
            .ToHashSet();
        var used = References(document).ToHashSet();

        Assert.Multiple(() =>
        {
            Assert.That(known, Has.Count.GreaterThan(10));
            Assert.That(used, Is.SubsetOf(known));
            Assert.That(known.Where(k => k.Contains("/schemas/")), Is.SubsetOf(used));
        });
    }

    [Test]
    public async Task Every_operation_and_parameter_is_described_in_a_sentence_and_what_is_refused_is_declared()
    {
        var document = await DocumentAsync();
        Assert.Multiple(() =>
        {
            foreach (var (path, method, operation) in Operations(document))
            {
                var sentences = Parameters(operation).Select(p => p["description"]).Append(operation["description"]);
                Assert.That(sentences.Select(s => (string?)s), Has.All.Matches("^[A-Z].{8,}[.]$"), $"{method} {path}");
                var refused = (operation["responses"]?.AsObject() ?? []).Select(r => r.Key).ToList();
                Assert.That(refused.Contains("401"), Is.EqualTo(operation["security"] is not null), path);
                Assert.That(refused.Contains("404"), Is.EqualTo(path.Contains('{')), path);
                Assert.That(refused.Contains("415"), Is.EqualTo(operation["requestBody"] is not null), path);
            }
        });
    }

    [Test]
    public async Task Clients_are_generated_from_operations_named_by_their_action()
    {
        var file = Operations(await DocumentAsync("?bindings&component=file&pk_path=1"));
        var core = Operations(await DocumentAsync("?bindings&component=core"));

        string Names(List<(string Path, string Method, JsonNode Operation)> operations, string tag) =>
            string.Join(
                ' ',
                operations
                    .Where(o => (string?)o.Operation["tags"]?[0] == tag)
                    .Select(o => (string?)o.Operation["operationId"])
                    .Order(StringComparer.Ordinal)
            );
        var version = file.First(o => o.Path.EndsWith("versions/{number}/repair/", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(
                Names(file, "Repositories: File"),
                Is.EqualTo(
                    "add_role create delete list list_roles modify my_permissions partial_update read remove_role set_label sync unset_label update"
                )
            );
            Assert.That(Names(file, "Repositories: File Versions"), Is.EqualTo("delete list read repair"));
            Assert.That(
                Names(core, "Tasks"),
                Is.EqualTo(
                    "add_role cancel delete list list_roles my_permissions profile_artifacts purge read remove_role"
                )
            );
            Assert.That(Names(core, "Status"), Is.EqualTo("status_read"));
            Assert.That(Names(core, "Repair"), Is.EqualTo("post"));
            Assert.That(
                Names(core, "Uploads"),
                Is.EqualTo("add_role commit create delete list list_roles my_permissions read remove_role update")
            );
            Assert.That(file.Concat(core).Select(o => o.Path).Count(p => p.Contains("/tasks/")), Is.Positive);
            Assert.That(file.Select(o => o.Path), Has.None.Contains("/tasks/"), "another component");
            Assert.That(version.Path, Does.Contain("/{repository_pk}/versions/{number}/"));
            Assert.That(
                Parameters(version.Operation).Where(p => (string?)p["in"] == "path").Select(p => (string?)p["name"]),
                Is.EqualTo(new[] { "repository_pk", "number" })
            );
        });
    }

    [TestCase("component=nothing", "Invalid component specified.")]
    [TestCase("component=", "Invalid component specified.")]
    [TestCase("plugin=file", "'plugin' has been removed. Use 'component' instead.")]
    public async Task Components_that_are_not_there_are_refused(string query, string message)
    {
        var answer = await Api.GetAsync("docs/api.json?" + query);

        Assert.That((answer.Code, (string?)answer.Json?["detail"]), Is.EqualTo((400, message)));
    }

    [Test]
    public async Task What_clients_decide_by_is_there_and_agrees_with_status()
    {
        var document = await DocumentAsync();
        var info = document["info"];
        var status = (await Api.GetAsync("status/")).Json?["versions"]?.AsArray() ?? [];

        Assert.Multiple(() =>
        {
            Assert.That((bool?)info?["x-pulp-domain-enabled"], Is.False);
            Assert.That((string?)info?["license"]?["identifier"], Is.EqualTo("GPL-2.0-or-later"));
            Assert.That((string?)document["servers"]?[0]?["url"], Is.EqualTo(Server.Url + "/"));
            Assert.That(
                status.Select(v => (string?)v?["component"]),
                Is.EquivalentTo(new[] { "core", "certguard", "container", "file", "python" })
            );
            foreach (var version in status)
            {
                Assert.That(
                    (string?)info?["x-pulp-app-versions"]?[(string?)version?["component"] ?? ""],
                    Is.EqualTo((string?)version?["version"]).And.Not.Empty
                );
            }
        });
    }

    [Test]
    public async Task The_root_lists_what_can_be_listed()
    {
        var root = (await Api.GetAsync("")).Json?.AsObject() ?? [];
        var lists = Operations(await DocumentAsync())
            .Where(o =>
                o.Method == "get"
                && !o.Path.Contains('{')
                && Parameters(o.Operation).Any(p => (string?)p["name"] == "offset")
            )
            .Select(o => o.Path[PulpClient.Root.Length..].TrimEnd('/'));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(root.Select(m => m.Key).Except(["docs", "status"]), Is.EquivalentTo(lists));
            foreach (var (name, url) in root)
            {
                Assert.That((string?)url, Is.EqualTo($"{Server.Url}{PulpClient.Root}{name}/"));
                Assert.That((await Api.GetAsync($"{PulpClient.Root}{name}/")).Code, Is.EqualTo(200), name);
            }
        });
    }

    [Test]
    public async Task The_document_is_there_as_yaml_and_as_a_page()
    {
        var yaml = await Api.GetAsync("docs/api.yaml");
        var page = await Api.GetAsync("docs/");
        var script = await Api.GetAsync("docs/docs.js");

        Assert.Multiple(() =>
        {
            Assert.That(yaml.Text, Does.StartWith("openapi: ").And.Contain("operationId: remotes_file_file_list"));
            Assert.That(page.Text, Does.Contain("<title>Pulp 3 API</title>"));
            Assert.That(script.Code, Is.EqualTo(200));
        });
    }

    private static IEnumerable<string> References(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.SelectMany(m =>
                m is { Key: "$ref", Value: JsonValue value } ? [value.ToString()] : References(m.Value)
            ),
            JsonArray items => items.SelectMany(References),
            _ => [],
        };
}
