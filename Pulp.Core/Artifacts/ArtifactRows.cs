using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Artifacts;

/// <summary>Artifacts as rows of their table.</summary>
internal static class ArtifactRows
{
    public static readonly BulkColumn[] Columns =
    [
        new("pulp_id", ColumnType.Uuid),
        new("pulp_created", ColumnType.Timestamp),
        new("pulp_last_updated", ColumnType.Timestamp),
        new("file", ColumnType.Text),
        new("size", ColumnType.BigInteger),
        .. Digests.Columns,
        new("timestamp_of_interest", ColumnType.Timestamp),
        new("pulp_domain_id", ColumnType.Uuid),
    ];

    public static Artifact Read(object?[] row) =>
        new()
        {
            PulpId = (Guid)row[0]!,
            PulpCreated = (DateTimeOffset)row[1]!,
            PulpLastUpdated = (DateTimeOffset)row[2]!,
            File = (string)row[3]!,
            Size = (long)row[4]!,
            Md5 = (string?)row[5],
            Sha1 = (string?)row[6],
            Sha224 = (string?)row[7],
            Sha256 = (string)row[8]!,
            Sha384 = (string?)row[9],
            Sha512 = (string?)row[10],
            TimestampOfInterest = (DateTimeOffset)row[11]!,
        };

    public static object?[] Of(Guid domain, TemporaryFile file, string path, DateTimeOffset now)
    {
        var digests = file.Digests;
        return
        [
            Ids.New(now),
            now,
            now,
            path,
            file.Size,
            digests.Md5,
            digests.Sha1,
            digests.Sha224,
            digests.Sha256,
            digests.Sha384,
            digests.Sha512,
            now,
            domain,
        ];
    }
}

/// <summary>Files in their places, and the rows that some of them have yet to get.</summary>
internal sealed record KeptFiles(
    Guid Domain,
    IReadOnlyDictionary<string, Artifact> Found,
    IReadOnlyList<object?[]> Rows
)
{
    public static KeptFiles None { get; } = new(Guid.Empty, new Dictionary<string, Artifact>(), []);

    /// <summary>Those that get rows.</summary>
    public IReadOnlyList<Artifact> Fresh => [.. Rows.Select(ArtifactRows.Read)];
}
