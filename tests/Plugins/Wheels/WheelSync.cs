using System.Runtime.CompilerServices;
using System.Text.Json;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.TestPlugins.Wheels;

/// <summary>
/// Reads an index: <c>projects.json</c> names the projects, <c>{project}/files.json</c> the files of each. What a project's file says
/// of itself lies beside it, where the index has it.
/// </summary>
internal sealed class WheelSync(IRepositoryVersions versions) : SyncPlan<WheelRepository, WheelRemote>
{
    private static readonly JsonSerializerOptions Names = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public override async IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<WheelRepository, WheelRemote> sync,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var listed = await sync.FetchAsync(sync.UrlFor("projects.json"), cancellationToken);
        foreach (var project in await ReadAsync<string>(listed, cancellationToken))
        {
            var request = new UpstreamRequest(sync.UrlFor($"{project}/files.json"))
            {
                Accept = ["application/vnd.wheels.v1+json"],
                IfNoneMatch = await KnownAsync(sync, project, cancellationToken),
                Answers = [404],
            };
            var answer = await sync.FetchAsync(request, cancellationToken);
            if (answer.IsNotModified)
            {
                await sync.KeepAsync<Wheel>($"d.name = {project}", cancellationToken);
                continue;
            }

            if (answer.Status == 404)
            {
                sync.Task.Warn("wheels.project_missing", $"The index lists {project} and doesn't have it.");
                continue;
            }

            foreach (var file in await ReadAsync<IndexFile>(answer.Body, cancellationToken))
            {
                yield return Unit(sync, project, file, answer.ETag ?? "");
            }
        }
    }

    private static DeclaredContent Unit(
        SyncContext<WheelRepository, WheelRemote> sync,
        string project,
        IndexFile file,
        string tag
    ) =>
        new(
            new Wheel
            {
                Name = project,
                Version = file.Version,
                Filename = file.Filename,
                Sha256 = file.Sha256,
                Tag = tag,
            },
            [.. Files(sync, project, file)]
        );

    private static IEnumerable<DeclaredArtifact> Files(
        SyncContext<WheelRepository, WheelRemote> sync,
        string project,
        IndexFile file
    )
    {
        yield return new DeclaredArtifact(file.Filename, sync.UrlFor($"{project}/{file.Filename}"))
        {
            Sha256 = file.Sha256,
        };
        if (file.Metadata)
        {
            // Indexes promise it, and don't always have it.
            var name = $"{file.Filename}.metadata";
            yield return new DeclaredArtifact(name, sync.UrlFor($"{project}/{name}")) { Optional = true };
        }
    }

    /// <summary>The answer that the repository's units of the project came with.</summary>
    private async Task<string?> KnownAsync(
        SyncContext<WheelRepository, WheelRemote> sync,
        string project,
        CancellationToken cancellationToken
    )
    {
        if (await versions.LatestAsync(sync.Repository.PulpId, cancellationToken) is { } latest)
        {
            await foreach (var wheel in versions.ContentAsync<Wheel>(latest, $"d.name = {project}", cancellationToken))
            {
                return wheel.Tag.Length > 0 ? wheel.Tag : null;
            }
        }

        return null;
    }

    private static async Task<IReadOnlyList<T>> ReadAsync<T>(FetchedFile file, CancellationToken cancellationToken)
    {
        await using var stream = file.Open();
        return await JsonSerializer.DeserializeAsync<List<T>>(stream, Names, cancellationToken) ?? [];
    }

    private sealed record IndexFile
    {
        public required string Filename { get; init; }

        public required string Version { get; init; }

        public required string Sha256 { get; init; }

        public bool Metadata { get; init; }
    }
}
