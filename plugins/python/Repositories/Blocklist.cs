using System.Security.Cryptography;
using System.Text.Json;
using Pulp.PluginSdk.Data;
using PulpPython.Names;
using PulpPython.Packages;

namespace PulpPython.Repositories;

/// <summary>What a repository doesn't take, for looking up.</summary>
internal sealed class Blocklist
{
    private readonly HashSet<string> _projects = new(StringComparer.Ordinal);
    private readonly HashSet<(string Project, string Version)> _releases = [];
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    private Blocklist(IEnumerable<Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Filename.Length > 0)
            {
                _files.Add(entry.Filename);
            }
            else if (entry.Version.Length > 0)
            {
                _releases.Add((ProjectName.Normalize(entry.Name), VersionKey.Of(entry.Version)));
            }
            else
            {
                _projects.Add(ProjectName.Normalize(entry.Name));
            }
        }
    }

    /// <summary>Takes everything.</summary>
    public static Blocklist None { get; } = new([]);

    /// <summary>Whether everything is taken.</summary>
    public bool IsEmpty => _projects.Count + _releases.Count + _files.Count == 0;

    /// <summary>About what it takes in memory.</summary>
    public long Bytes => 200L * (_projects.Count + _releases.Count + _files.Count);

    /// <summary>The same for lists of the same entries: what followed from another one is to be looked at again.</summary>
    public string Fingerprint =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                JsonSerializer.SerializeToUtf8Bytes(
                    new[]
                    {
                        _projects.Order(StringComparer.Ordinal),
                        _releases.Select(r => $"{r.Project} {r.Version}").Order(StringComparer.Ordinal),
                        _files.Order(StringComparer.Ordinal),
                    }
                )
            )
        );

    /// <summary>The list of a repository as it is now.</summary>
    public static async Task<Blocklist> OfAsync(IDb db, Guid repository, CancellationToken cancellationToken) =>
        new(
            await db.QueryAsync<Entry>(
                $"select name, version, filename from python_pythonblocklistentry where repository_id = {repository}",
                cancellationToken
            )
        );

    /// <summary>Whether no release of a project is taken.</summary>
    /// <param name="project">Its normalized name.</param>
    public bool HasProject(string project) => _projects.Contains(project);

    /// <summary>Whether a file isn't taken.</summary>
    /// <param name="project">The normalized name of its project.</param>
    /// <param name="versionKey">The key of its version; see <see cref="VersionKey"/>.</param>
    /// <param name="filename">Its name.</param>
    public bool Has(string project, string versionKey, string filename) =>
        _projects.Contains(project) || _releases.Contains((project, versionKey)) || _files.Contains(filename);

    /// <summary>Those packages of a select of ids that may be meant: few, however many are selected.</summary>
    /// <param name="units">The select.</param>
    public SqlText Candidates(SqlText units)
    {
        var names = _projects.Concat(_releases.Select(r => r.Project)).Distinct(StringComparer.Ordinal).ToList();
        var files = _files.ToList();
        return $"""
            select d.filename, d.name_normalized, d.version_key from python_pythonpackagecontent d
             where d.pulp_id in ({units}) and (d.name_normalized in {names} or d.filename in {files})
            """;
    }

    private sealed record Entry
    {
        public string Name { get; init; } = "";

        public string Version { get; init; } = "";

        public string Filename { get; init; } = "";
    }
}
