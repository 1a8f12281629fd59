using System.IO.Compression;
using System.Text.Json;
using Pulp.PluginSdk.Errors;
using PulpPython.Metadata;
using PulpPython.Versions;

namespace PulpPython.Vulnerabilities;

/// <summary>
/// Advisories of a local file, for where OSV can't be asked: a zip archive with a JSON file for each, a JSON list, an answer of OSV
/// (<c>vulns</c>), one advisory, or a line for each.
/// </summary>
internal sealed class AdvisoryFile : IAdvisories
{
    private const int MostAdvisories = 500_000;
    private const long LargestAdvisory = 8 * 1024 * 1024;
    private const long LargestJson = 512 * 1024 * 1024;

    private readonly Dictionary<string, List<Advisory>> _byProject = new(StringComparer.Ordinal);
    private int _count;

    private AdvisoryFile() { }

    /// <exception cref="UpstreamException">The file can't be read, or holds something else.</exception>
    public static async Task<AdvisoryFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var read = new AdvisoryFile();
        try
        {
            if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            {
                await read.AddArchiveAsync(path, cancellationToken);
            }
            else
            {
                await read.AddJsonAsync(path, cancellationToken);
            }
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            throw new UpstreamException($"The advisories in {path} can't be read: {error.Message}", error);
        }

        return read;
    }

    public Task<IReadOnlyList<JsonElement>> FindAsync(
        string project,
        string version,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<JsonElement>>(
            PythonVersion.TryParse(version, out var parsed) && _byProject.TryGetValue(project, out var advisories)
                ? [.. advisories.Where(a => a.Affects(project, parsed)).Select(a => a.Json)]
                : []
        );

    private async Task AddArchiveAsync(string path, CancellationToken cancellationToken)
    {
        await using var archive = await ZipFile.OpenReadAsync(path, cancellationToken);
        foreach (var entry in archive.Entries.Where(e => e.Name.EndsWith(".json", StringComparison.Ordinal)))
        {
            if (entry.Length > LargestAdvisory)
            {
                throw new InvalidDataException($"{entry.Name} is larger than {LargestAdvisory} bytes.");
            }

            // What the archive says of its size is checked while it is read.
            await using var stream = await entry.OpenAsync(cancellationToken);
            using var document = (
                await JsonDocument.ParseAsync(stream, default, cancellationToken)
            ).WithReadableTexts();
            Add(document.RootElement);
        }
    }

    private async Task AddJsonAsync(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > LargestJson)
        {
            throw new InvalidDataException($"It is larger than {LargestJson} bytes; a zip archive may be larger.");
        }

        if (path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
        {
            await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
            {
                if (line.Length > 0)
                {
                    using var one = JsonDocument.Parse(line).WithReadableTexts();
                    Add(one.RootElement);
                }
            }

            return;
        }

        await using var stream = File.OpenRead(path);
        using var document = (await JsonDocument.ParseAsync(stream, default, cancellationToken)).WithReadableTexts();
        var root = document.RootElement;
        var list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("vulns", out var vulns) ? vulns : root;
        foreach (var one in list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : new[] { list })
        {
            Add(one);
        }
    }

    private void Add(JsonElement json)
    {
        if (++_count > MostAdvisories)
        {
            throw new InvalidDataException($"It has more than {MostAdvisories} advisories.");
        }

        var advisory = new Advisory(json.Clone());
        foreach (var project in advisory.Projects)
        {
            if (!_byProject.TryGetValue(project, out var advisories))
            {
                _byProject[project] = advisories = [];
            }

            advisories.Add(advisory);
        }
    }
}
