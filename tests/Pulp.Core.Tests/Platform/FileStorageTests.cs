using System.Text;
using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Platform.Tenancy;
using Pulp.PluginSdk.Models;

namespace Pulp.Core.Tests.Platform;

public sealed class FileStorageTests
{
    /// <summary>Directories are made by who comes first; the others find them missing and there again within microseconds.</summary>
    [Test]
    public async Task Many_fill_an_empty_storage_at_once()
    {
        const int writers = 4;
        const int rounds = 5;
        var root = Directory.CreateTempSubdirectory("pulp-storage-").FullName;
        for (var round = 0; round < rounds; round++)
        {
            var storage = new FileStorage(
                new PulpSettings { MediaRoot = Path.Combine(root, $"{round}"), FlushArtifacts = false },
                new DomainStorages()
            );
            var files = new List<TemporaryFile>();
            for (var i = 0; i < 1_000; i++)
            {
                using var bytes = new MemoryStream(Encoding.UTF8.GetBytes($"{round} {i}"));
                files.Add(await storage.WriteAsync(bytes, limit: null, CancellationToken.None));
            }

            // In one order for all, so that they come to each directory at the same moment.
            var ordered = files.OrderBy(f => f.Digests.Sha256, StringComparer.Ordinal).ToList();
            using var together = new Barrier(writers);
            var all = Enumerable
                .Range(0, writers)
                .Select(w => new Thread(() => Keep(storage, ordered.Where((_, i) => i % writers == w), together)))
                .ToList();
            all.ForEach(t => t.Start());
            all.ForEach(t => t.Join());

            Assert.That(
                ordered.Where(f => !storage.Exists(FileStorage.PathOf(Domains.Default, f.Digests.Sha256))),
                Is.Empty
            );
        }

        Directory.Delete(root, recursive: true);
    }

    private static void Keep(FileStorage storage, IEnumerable<TemporaryFile> files, Barrier together)
    {
        foreach (var file in files)
        {
            together.SignalAndWait();
            try
            {
                storage.Keep(Domains.Default, file, flush: false);
            }
            catch (IOException)
            {
                // Counted by what is missing at the end: an exception on this thread would end the process.
            }
        }
    }
}
