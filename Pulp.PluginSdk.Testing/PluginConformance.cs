using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Pulp.PluginSdk.Testing;

/// <summary>
/// What every plugin has to pass: its kinds can be listed, and where they offer it created, read, changed and deleted; its part of
/// the API's document holds together; migrations, restarts and the clean-up of orphans leave it whole.
/// </summary>
/// <param name="engine">The database engine.</param>
public abstract class PluginConformance(Engine engine) : PluginFixture(engine)
{
    /// <summary>The plugin's label.</summary>
    protected abstract string Label { get; }

    /// <summary>
    /// A resource of each kind that can be created, in the order in which they can be. What they need beside themselves is made
    /// here, with names that nothing else has.
    /// </summary>
    protected abstract Task<IReadOnlyList<ResourceSample>> SamplesAsync();

    /// <summary>Lists of all kinds answer.</summary>
    [Test]
    public async Task Every_kind_is_listed()
    {
        var lists = (await CollectionsAsync()).Where(p => p.Value["get"] is not null).Select(p => p.Key).ToList();

        Assert.That(lists, Is.Not.Empty, "kinds in the document");
        await Assert.MultipleAsync(async () =>
        {
            foreach (var path in lists)
            {
                var answer = await Api.GetAsync(path);
                Assert.That((path, answer.Code), Is.EqualTo((path, 200)), answer.Text);
            }
        });
    }

    /// <summary>No kind is left out of the tests.</summary>
    [Test]
    public async Task Every_kind_that_can_be_created_has_a_sample()
    {
        var kinds = (await CollectionsAsync())
            .Where(p => p.Value["get"] is not null && p.Value["post"] is not null)
            .Select(p => p.Key[PulpClient.Root.Length..]);

        var samples = await SamplesAsync();

        Assert.That(samples.Select(s => s.Path).Distinct(StringComparer.Ordinal), Is.EquivalentTo(kinds));
    }

    /// <summary>The life of a resource.</summary>
    [Test]
    public async Task Samples_are_created_read_changed_and_deleted()
    {
        var made = new Stack<string>();
        foreach (var sample in await SamplesAsync())
        {
            var href = await CreateAsync(sample);
            made.Push(href);
            var listed = await Api.GetAsync($"{sample.Path}?pulp_href__in={href}");
            Assert.That(listed.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { href }), sample.Path);
            if (sample.Change is { } change)
            {
                await EndAsync(await Api.PatchAsync(href, change));
                var changed = (await Api.GetAsync(href)).Json;
                var expected = System.Text.Json.JsonSerializer.SerializeToNode(change)?.AsObject() ?? [];
                foreach (var (member, value) in expected)
                {
                    Assert.That(JsonNode.DeepEquals(changed?[member], value), $"{sample.Path}: {member}: {changed}");
                }
            }
        }

        foreach (var href in made)
        {
            var deleted = await Api.DeleteAsync(href);
            if (deleted.Code != 405)
            {
                await EndAsync(deleted);
                Assert.That((await Api.GetAsync(href)).Code, Is.EqualTo(404), href);
            }
        }
    }

    /// <summary>What the document refers to is in it, and no two operations are called the same.</summary>
    [Test]
    public async Task The_document_holds_together()
    {
        var document = (await Api.GetAsync("docs/api.json")).Json?.AsObject() ?? [];
        var names = document["paths"]
            ?.AsObject()
            .SelectMany(p => p.Value?.AsObject() ?? [])
            .Select(o => (string?)(o.Value as JsonObject)?["operationId"])
            .OfType<string>()
            .ToList();
        var references = References(document).Distinct(StringComparer.Ordinal).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(names, Is.Unique.And.Not.Empty);
            Assert.That(references.Where(r => !Exists(document, r)), Is.Empty);
        });
    }

    /// <summary>A second run of the migrations finds nothing to do, and a restart finds what was there.</summary>
    [Test]
    public async Task Migrations_run_twice_and_a_restart_keep_what_is_there()
    {
        var hrefs = new List<string>();
        foreach (var sample in await SamplesAsync())
        {
            hrefs.Add(await CreateAsync(sample));
        }

        var migrated = (Code: -1, Output: "", Errors: "");
        await RestartAsync(async () => migrated = await ServerProcess.RunAsync(["migrate", .. Options]));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(migrated.Output, Does.Contain("The database is up to date."), migrated.Errors);
            foreach (var href in hrefs)
            {
                Assert.That((await Api.GetAsync(href)).Code, Is.EqualTo(200), href);
            }
        });
    }

    /// <summary>Orphans of the plugin's kinds can be removed.</summary>
    [Test]
    public async Task The_clean_up_of_orphans_passes()
    {
        foreach (var sample in await SamplesAsync())
        {
            await CreateAsync(sample);
        }

        var task = await Api.CompletedAsync(
            await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 })
        );

        Assert.That((string?)task["state"], Is.EqualTo("completed"));
    }

    private async Task<string> CreateAsync(ResourceSample sample)
    {
        var answer = sample.File is { } file
            ? await Api.UploadAsync(sample.Path, file, sample.Body)
            : await Api.PostAsync(sample.Path, sample.Body);
        var href = answer.Code == 202 ? await Api.CreatedAsync(answer, sample.Path) : answer.Href;
        var read = await Api.GetAsync(href);
        Assert.That((href, read.Code), Is.EqualTo((href, 200)), read.Text);
        return href;
    }

    private async Task EndAsync(Answer answer)
    {
        Assert.That(answer.Code, Is.AnyOf(200, 202, 204), answer.Text);
        if (answer.Code == 202)
        {
            await Api.CompletedAsync(answer);
        }
    }

    /// <summary>The document's paths of the plugin that name no single resource.</summary>
    private async Task<IReadOnlyList<KeyValuePair<string, JsonObject>>> CollectionsAsync() =>
        [
            .. ((await Api.GetAsync("docs/api.json")).Json?["paths"]?.AsObject() ?? [])
                .Where(p => p.Key.StartsWith(PulpClient.Root, StringComparison.Ordinal) && !p.Key.Contains('{'))
                .Where(p => p.Key[PulpClient.Root.Length..].Split('/') is [_, var label, ..] && label == Label)
                .Select(p => KeyValuePair.Create(p.Key, p.Value?.AsObject() ?? [])),
        ];

    private static IEnumerable<string> References(JsonNode? node) =>
        node switch
        {
            JsonObject of when of["$ref"] is JsonValue value => [(string?)value ?? ""],
            JsonObject of => of.SelectMany(m => References(m.Value)),
            JsonArray of => of.SelectMany(References),
            _ => [],
        };

    private static bool Exists(JsonObject document, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (at, name) => (at as JsonObject)?[name])
            is not null;
}
