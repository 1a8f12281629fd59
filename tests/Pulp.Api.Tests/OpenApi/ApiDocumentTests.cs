namespace Pulp.Api.Tests.OpenApi;

public sealed class ApiDocumentTests() : ApiFixture(Engine.Sqlite)
{
    private async Task<JsonNode> DocumentAsync()
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        return (await nobody.GetAsync("docs/api.json")).Json ?? new JsonObject();
    }

    [Test]
    public async Task The_operations_are_those_that_were_verified()
    {
        var lines = (await DocumentAsync())["paths"]
            ?.AsObject()
            .SelectMany(p =>
                (p.Value?.AsObject() ?? []).Select(o => $"{(string?)o.Value?["operationId"]} {o.Key} {p.Key}")
            )
            .Order(StringComparer.Ordinal)
            .ToList();

        Snapshot.Matches(string.Join('\n', lines ?? []), extension: "txt");
    }

    [Test]
    public async Task Every_reference_in_the_document_leads_somewhere()
    {
        var document = await DocumentAsync();
        var known = (document["components"]?["schemas"]?.AsObject() ?? [])
            .Select(s => "#/components/schemas/" + s.Key)
            .ToHashSet();

        Assert.That(References(document).Where(r => !known.Contains(r)).Distinct(), Is.Empty);
    }

    [Test]
    public async Task What_clients_decide_by_is_there_and_agrees_with_status()
    {
        var info = (await DocumentAsync())["info"];
        var status = (await Api.GetAsync("status/")).Json;

        Assert.Multiple(() =>
        {
            Assert.That((bool?)info?["x-pulp-domain-enabled"], Is.False);
            foreach (var version in status?["versions"]?.AsArray() ?? [])
            {
                Assert.That(
                    (string?)info?["x-pulp-app-versions"]?[(string?)version?["component"] ?? ""],
                    Is.EqualTo((string?)version?["version"])
                );
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
