namespace PulpContainer.Tests.Registry;

/// <summary>What another process has done, of which this one hasn't heard yet.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LateNewsTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task Nothing_refers_to_what_has_been_removed()
    {
        var (name, image, kept) = (NewName(), TestImage.New(), TestImage.New());
        await PushAsync(name, "1", image);
        await PushAsync(name, "2", kept);
        // What is served is known from here on.
        await GetAsync($"{name}/manifests/2");
        await RemoveUnheardAsync(name, image.Digest);
        await RemoveUnheardAsync(name, TestImage.DigestOf(image.Layers[0]));

        var index = TestImage.Index(image);
        var listed = await PutManifestAsync(name, "3", index, TestImage.OciIndex);
        var layered = await PutManifestAsync(name, "4", image.Manifest);
        var whole = await PutManifestAsync(name, "5", TestImage.Index(kept), TestImage.OciIndex);

        Assert.That(
            (listed.Error, layered.Error, whole.Status),
            Is.EqualTo(("MANIFEST_BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN", 201))
        );
    }

    /// <summary>A version without a manifest or blob, about which nobody is told.</summary>
    private async Task RemoveUnheardAsync(string name, string digest)
    {
        var found = await Api.GetAsync($"repositories/container/container/?name={name}");
        var repository = ((string?)found.Results[0]["pulp_href"] ?? "").TrimEnd('/').Split('/')[^1];
        await Server.ExecuteAsync(
            $"""
            insert into core_repositoryversion (pulp_id, pulp_created, pulp_last_updated, repository_id, number, complete)
            select '{Guid.CreateVersion7()}', pulp_created, pulp_last_updated, repository_id, number + 1, complete
              from core_repositoryversion where repository_id = '{repository}' order by number desc limit 1
            """
        );
        await Server.ExecuteAsync(
            $"update core_repository set next_version = next_version + 1 where pulp_id = '{repository}'"
        );
        await Server.ExecuteAsync(
            $"""
            update core_repositorycontent set version_removed = (
                     select max(number) from core_repositoryversion where repository_id = '{repository}')
             where repository_id = '{repository}' and version_removed is null
               and content_id in (select pulp_id from container_manifest where digest = '{digest}'
                                  union all select pulp_id from container_blob where digest = '{digest}')
            """
        );
    }
}
