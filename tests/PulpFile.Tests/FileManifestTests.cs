using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Publishing;
using Pulp.PluginSdk.Sync;

namespace PulpFile.Tests;

public sealed class FileManifestTests
{
    private static async Task<List<ManifestEntry>> ReadAsync(string text)
    {
        var entries = new List<ManifestEntry>();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await foreach (var entry in FileManifest.ReadAsync(stream, CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public Property What_is_written_is_read_again()
    {
        var path = Gen.Elements("a", "dir/b.txt", "with,comma", "ünï/cödé", "sp ace", "a.b-c_d");
        var digest = Gen.ListOf(Gen.Elements("0123456789abcdef".ToCharArray()), 64).Select(d => new string([.. d]));
        var entry =
            from p in path
            from d in digest
            from s in Gen.Choose(0, int.MaxValue)
            select new ManifestEntry(p, d, s);
        return Prop.ForAll(
            Gen.ListOf(entry).ToArbitrary(),
            async entries =>
            {
                using var stream = new MemoryStream();
                await FileManifest.WriteAsync(stream, UnitsAsync(entries), CancellationToken.None);
                var read = await ReadAsync(Encoding.UTF8.GetString(stream.ToArray()));
                return read.SequenceEqual(entries);
            }
        );
    }

    private static async IAsyncEnumerable<PublishedUnit<FileContent>> UnitsAsync(IEnumerable<ManifestEntry> entries)
    {
        foreach (var entry in entries)
        {
            await Task.Yield();
            var content = new FileContent { RelativePath = entry.RelativePath, Digest = entry.Sha256 };
            yield return new PublishedUnit<FileContent>
            {
                Content = content,
                RelativePath = entry.RelativePath,
                Sha256 = entry.Sha256,
                Size = entry.Size,
            };
        }
    }

    [Test]
    public async Task Comments_blank_lines_and_a_missing_last_newline_are_fine()
    {
        var digest = new string('A', 64);

        var entries = await ReadAsync($"# comment\r\n\r\na,{digest},1\r\nb,{digest},2");

        Assert.That(
            entries,
            Is.EqualTo(
                new[]
                {
                    new ManifestEntry("a", digest.ToLowerInvariant(), 1),
                    new ManifestEntry("b", digest.ToLowerInvariant(), 2),
                }
            )
        );
    }

    [Test]
    public void An_endless_line_is_refused_before_it_fills_the_memory() =>
        Assert.That(
            async () => await ReadAsync(new string('x', 1_000_000)),
            Throws.InstanceOf<UpstreamException>().With.Message.Contains("too long")
        );

    [Test]
    public void What_is_no_UTF8_is_refused()
    {
        using var stream = new MemoryStream([0xff, 0xfe, 0x41]);

        Assert.That(
            async () =>
            {
                await foreach (var _ in FileManifest.ReadAsync(stream, CancellationToken.None)) { }
            },
            Throws.InstanceOf<UpstreamException>().With.Message.Contains("UTF-8")
        );
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public bool A_path_that_is_safe_never_leaves_its_directory(string path)
    {
        if (path is null || !RelativePaths.IsSafe(path))
        {
            return true;
        }

        var full = Path.GetFullPath(Path.Combine("/base/dir", path));
        return full.StartsWith("/base/dir/", StringComparison.Ordinal)
            && !path.Contains('\0', StringComparison.Ordinal);
    }

    [TestCase("http://h/d/PULP_MANIFEST", "a b/c", "http://h/d/a%20b/c")]
    [TestCase("http://h/d/PULP_MANIFEST?token=x", "c", "http://h/d/c?token=x")]
    [TestCase("http://h", "c", "http://h/c")]
    [TestCase("http://h/d/", "x?y#z", "http://h/d/x%3Fy%23z")]
    public void An_address_below_the_base_keeps_host_and_query(string baseUrl, string path, string expected) =>
        Assert.That(UpstreamUrl.Below(baseUrl, path), Is.EqualTo(expected));

    [TestCase("//evil/x")]
    [TestCase("../x")]
    [TestCase("")]
    public void An_address_can_not_change_host_or_climb(string path) =>
        Assert.That(() => UpstreamUrl.Below("http://h/d/m", path), Throws.InstanceOf<UpstreamException>());
}
