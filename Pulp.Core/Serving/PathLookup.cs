using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.StaticFiles;

namespace Pulp.Core.Serving;

/// <summary>Finds what is at a path of a distribution: one indexed query for each place it may be.</summary>
internal sealed class PathLookup(Database database, DirectoryListings listings)
{
    private static readonly FileExtensionContentTypeProvider Types = MakeTypes();

    public async Task<ServedAnswer> FindAsync(ServedState state, string path, CancellationToken cancellationToken)
    {
        if (path.Length == 0)
        {
            return new ServedAnswer.AddSlash();
        }

        if (!state.HasSource)
        {
            return ServedAnswer.NotFound.Instance;
        }

        if (path[^1] != '/')
        {
            var file = await FindFileAsync(state, path, cancellationToken);
            if (file is not null)
            {
                return Answer(path, file);
            }

            return await listings.ExistsAsync(state, path + "/", cancellationToken)
                ? new ServedAnswer.AddSlash()
                : ServedAnswer.NotFound.Instance;
        }

        var directory = path == "/" ? "" : path;
        var index = await FindFileAsync(state, directory + "index.html", cancellationToken);
        if (index is not null)
        {
            return Answer("index.html", index);
        }

        var html = await listings.MakeAsync(state, directory, cancellationToken);
        return html is null ? ServedAnswer.NotFound.Instance : new ServedAnswer.Listing(html);
    }

    /// <summary>A stored file by its artifact.</summary>
    public async Task<ServedAnswer> FindArtifactAsync(
        Guid artifact,
        string mediaType,
        CancellationToken cancellationToken
    )
    {
        var row = await database.FirstOrDefaultAsync<FileRow>(
            $"select file, size, sha256, pulp_created as created from core_artifact where pulp_id = {artifact}",
            cancellationToken
        );
        return row is null ? ServedAnswer.NotFound.Instance : AnswerOf(mediaType, row);
    }

    /// <summary>A file of a unit, whichever repositories hold that.</summary>
    public async Task<ServedAnswer> FindOfUnitAsync(
        Guid content,
        string relativePath,
        string mediaType,
        CancellationToken cancellationToken
    )
    {
        var row = await database.FirstOrDefaultAsync<FileRow>(
            $"""
            select a.file, coalesce(a.size, 0) as size, a.sha256, a.pulp_created as created, f.pulp_id as content_artifact_id
              from core_contentartifact f
              left join core_artifact a on a.pulp_id = f.artifact_id
             where f.content_id = {content} and f.relative_path = {relativePath}
            """,
            cancellationToken
        );
        return row is null ? ServedAnswer.NotFound.Instance : AnswerOf(mediaType, row);
    }

    /// <summary>How many files there may be below the distribution.</summary>
    public Task<long> CountAsync(ServedState state, CancellationToken cancellationToken)
    {
        var publication = state is { PublicationId: { } id, PassThrough: false } ? id : Guid.Empty;
        return database.FirstOrDefaultAsync<long>(
            publication == Guid.Empty
                ? $"select cast(coalesce(sum(present), 0) as bigint) from core_versionsummary where version_id = {state.VersionId}"
                : (SqlText)$"select count(*) from core_publishedartifact where publication_id = {publication}",
            cancellationToken
        );
    }

    /// <summary>Every stored file below the distribution, by its path; what is published comes first.</summary>
    public async IAsyncEnumerable<(string Path, ServedAnswer Answer)> AllAsync(
        ServedState state,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (state.PublicationId is { } publication)
        {
            var published = database.StreamAsync<FileRow>(
                $"""
                select x.relative_path, a.file, a.size, a.sha256, a.pulp_created as created
                  from (select relative_path, artifact_id from core_publishedmetadata where publication_id = {publication}
                        union all
                        select pa.relative_path, f.artifact_id from core_publishedartifact pa
                          join core_contentartifact f on f.pulp_id = pa.content_artifact_id
                         where pa.publication_id = {publication}) x
                  join core_artifact a on a.pulp_id = x.artifact_id
                """,
                cancellationToken
            );
            await foreach (var row in published)
            {
                yield return (row.RelativePath, Answer(row.RelativePath, row));
            }
        }

        if (
            state is { RepositoryId: { } repository, VersionNumber: { } number }
            && (state.PublicationId is null || state.PassThrough)
        )
        {
            var members = database.StreamAsync<FileRow>(
                $"""
                select f.relative_path, a.file, a.size, a.sha256, a.pulp_created as created
                  from core_repositorycontent rc
                  join core_contentartifact f on f.content_id = rc.content_id
                  join core_artifact a on a.pulp_id = f.artifact_id
                 where rc.repository_id = {repository} and rc.version_added <= {number}
                   and (rc.version_removed is null or rc.version_removed > {number})
                """,
                cancellationToken
            );
            await foreach (var row in members)
            {
                yield return (row.RelativePath, Answer(row.RelativePath, row));
            }
        }
    }

    /// <summary>An artifact as an answer.</summary>
    public static ServedAnswer.File Stored(Artifact artifact, string mediaType) =>
        new(artifact.File, artifact.Size, $"\"{artifact.Sha256}\"", mediaType, artifact.PulpCreated);

    /// <summary>What a file of this name holds.</summary>
    public static string TypeOf(string path) =>
        Types.TryGetContentType(path, out var known) ? known : "application/octet-stream";

    private ServedAnswer Answer(string path, FileRow row) => AnswerOf(TypeOf(path), row);

    private ServedAnswer AnswerOf(string mediaType, FileRow row) =>
        row is { File: { } file, Created: { } created }
            ? new ServedAnswer.File(file, row.Size, $"\"{row.Sha256}\"", mediaType, created)
            : new ServedAnswer.OnDemand(row.ContentArtifactId ?? Guid.Empty, mediaType);

    private async Task<FileRow?> FindFileAsync(ServedState state, string path, CancellationToken cancellationToken)
    {
        if (state.PublicationId is { } publication)
        {
            var published = await database.FirstOrDefaultAsync<FileRow>(
                $"""
                select a.file, coalesce(a.size, 0) as size, a.sha256, a.pulp_created as created, x.file_id as content_artifact_id
                  from (select artifact_id, cast(null as {Sql.For(
                    "uuid",
                    "text"
                )}) as file_id from core_publishedmetadata
                         where publication_id = {publication} and relative_path = {path}
                        union all
                        select f.artifact_id, f.pulp_id from core_publishedartifact pa
                          join core_contentartifact f on f.pulp_id = pa.content_artifact_id
                         where pa.publication_id = {publication} and pa.relative_path = {path}) x
                  left join core_artifact a on a.pulp_id = x.artifact_id
                 limit 1
                """,
                cancellationToken
            );
            if (published is not null || !state.PassThrough)
            {
                return published;
            }
        }

        // Cross joins keep SQLite's planner at this order: from the path to the repository, never through all of the repository.
        return state is { RepositoryId: { } repository, VersionNumber: { } number }
            ? await database.FirstOrDefaultAsync<FileRow>(
                $"""
                select a.file, coalesce(a.size, 0) as size, a.sha256, a.pulp_created as created, f.pulp_id as content_artifact_id
                  from core_contentartifact f
                  cross join core_repositorycontent rc
                  left join core_artifact a on a.pulp_id = f.artifact_id
                 where f.relative_path = {path}
                   and rc.content_id = f.content_id and rc.repository_id = {repository} and +rc.version_added <= {number}
                   and (rc.version_removed is null or rc.version_removed > {number})
                 limit 1
                """,
                cancellationToken
            )
            : null;
    }

    private static FileExtensionContentTypeProvider MakeTypes()
    {
        var types = new FileExtensionContentTypeProvider();
        // Packages are files, whatever is in them; and compressed files are what they are, not what they hold.
        types.Mappings[".whl"] = "application/zip";
        types.Mappings[".xz"] = "application/x-xz";
        types.Mappings[".zst"] = "application/zstd";
        types.Mappings[".yaml"] = "application/yaml";
        types.Mappings[".yml"] = "application/yaml";
        types.Mappings[".iso"] = "application/x-iso9660-image";
        types.Mappings[".rpm"] = "application/x-rpm";
        types.Mappings[".deb"] = "application/vnd.debian.binary-package";
        return types;
    }

    private sealed record FileRow
    {
        public string RelativePath { get; init; } = "";

        public string? File { get; init; }

        public long Size { get; init; }

        public string? Sha256 { get; init; }

        /// <summary>When the file came here: its Last-Modified, whatever serves it since.</summary>
        public DateTimeOffset? Created { get; init; }

        public Guid? ContentArtifactId { get; init; }
    }
}
