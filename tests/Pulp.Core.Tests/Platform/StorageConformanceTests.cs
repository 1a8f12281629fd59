using System.Security.Cryptography;
using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>What every storage of artifacts has to pass. Another one is another line in <see cref="Backends"/>.</summary>
[TestFixtureSource(nameof(Backends))]
public sealed class StorageConformanceTests(string kind)
{
    private static readonly string[] Backends = ["own directory", "other directory", "memory"];

    private string _root = "";
    private FileStorage? _staging;
    private IStorageBackend? _backend;

    private FileStorage Staging => _staging ?? throw new InvalidOperationException("Not begun.");

    private IStorageBackend Backend => _backend ?? throw new InvalidOperationException("Not begun.");

    [SetUp]
    public void Begin()
    {
        _root = Directory.CreateTempSubdirectory("pulp-storage-").FullName;
        _staging = new FileStorage(new PulpSettings { MediaRoot = Path.Combine(_root, "own") });
        _backend = kind switch
        {
            "own directory" => _staging.Own,
            "other directory" => new LocalBackend(
                new LocalDirectory(
                    Path.Combine(_root, "other"),
                    FileMode: UnixFileMode.UserRead,
                    DirectoryMode: UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                ),
                flushes: true
            ),
            _ => new MemoryBackend(),
        };
    }

    [TearDown]
    public void End() => Directory.Delete(_root, recursive: true);

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(300_000)]
    public async Task What_is_kept_is_read_again(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);

        await KeepAsync("artifact/aa/one", bytes);

        Assert.That(await ReadAsync("artifact/aa/one"), Is.EqualTo(bytes));
        Assert.That(await SizeAsync("artifact/aa/one"), Is.EqualTo(size));
        Assert.That(await SizeAsync("artifact/aa/other"), Is.Null);
    }

    [Test]
    public async Task A_part_is_read_from_its_first_byte_on()
    {
        await KeepAsync("artifact/aa/part", [.. Enumerable.Range(0, 200).Select(i => (byte)i)]);

        Assert.That(
            await ReadAsync("artifact/aa/part", from: 150),
            Is.EqualTo(Enumerable.Range(150, 50).Select(i => (byte)i))
        );
        Assert.That(await ReadAsync("artifact/aa/part", from: 200), Is.Empty);
    }

    [Test]
    public async Task What_is_kept_again_takes_the_place_of_what_was_there()
    {
        await KeepAsync("artifact/aa/twice", [1]);

        await KeepAsync("artifact/aa/twice", [2, 2]);

        Assert.That(await ReadAsync("artifact/aa/twice"), Is.EqualTo(new byte[] { 2, 2 }));
    }

    [Test]
    public async Task A_copy_from_elsewhere_is_whole()
    {
        var bytes = RandomNumberGenerator.GetBytes(200_000);

        await CopyAsync("artifact/bb/copied", new MemoryStream(bytes));

        Assert.That(await ReadAsync("artifact/bb/copied"), Is.EqualTo(bytes));
    }

    [Test]
    public async Task A_copy_that_breaks_off_leaves_what_was_there()
    {
        await KeepAsync("artifact/bb/stays", [1]);
        var broken = new BrokenStream();

        await Assert.ThrowsAsync<IOException>(() => CopyAsync("artifact/bb/stays", broken));
        await Assert.ThrowsAsync<IOException>(() => CopyAsync("artifact/bb/never", broken));

        Assert.That(await ReadAsync("artifact/bb/stays"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(await SizeAsync("artifact/bb/never"), Is.Null);
    }

    [Test]
    public async Task What_is_not_there_is_not_found_when_it_is_read()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => ReadAsync("artifact/zz/nothing"));
        await Assert.ThrowsAsync<FileNotFoundException>(() => ReadAsync("artifact/zz/nothing", from: 5));
    }

    [Test]
    public async Task What_is_deleted_is_gone_and_to_delete_it_again_is_no_error()
    {
        await KeepAsync("artifact/aa/goes", [1]);
        await KeepAsync("artifact/aa/stays", [2]);

        await Backend.DeleteAsync("artifact/aa/goes", CancellationToken.None);
        await Backend.DeleteAsync("artifact/aa/goes", CancellationToken.None);
        await Backend.DeleteAsync("artifact/never/was", CancellationToken.None);

        Assert.That(await SizeAsync("artifact/aa/goes"), Is.Null);
        Assert.That(await SizeAsync("artifact/aa/stays"), Is.EqualTo(1));
    }

    [Test]
    public async Task All_that_begins_so_is_deleted_and_can_be_kept_again()
    {
        await KeepAsync("artifact/tenant/aa/one", [1]);
        await KeepAsync("artifact/tenant/bb/two", [2]);
        await KeepAsync("artifact/tenants/aa/other", [3]);

        await Backend.DeleteAllAsync("artifact/tenant/", CancellationToken.None);
        await Backend.DeleteAllAsync("artifact/nobody/", CancellationToken.None);
        await KeepAsync("artifact/tenant/aa/one", [4]);

        Assert.That(await ReadAsync("artifact/tenant/aa/one"), Is.EqualTo(new byte[] { 4 }));
        Assert.That(await SizeAsync("artifact/tenant/bb/two"), Is.Null);
        Assert.That(await SizeAsync("artifact/tenants/aa/other"), Is.EqualTo(1));
    }

    [Test]
    public async Task All_that_begins_so_is_listed()
    {
        await KeepAsync("artifact/tenant/aa/one", [1]);
        await KeepAsync("artifact/tenant/bb/two", [2]);
        await KeepAsync("artifact/tenants/aa/other", [3]);

        Assert.That(
            await Backend.ListAsync("artifact/tenant/", CancellationToken.None).ToListAsync(),
            Is.EquivalentTo(["artifact/tenant/aa/one", "artifact/tenant/bb/two"])
        );
        Assert.That(await Backend.ListAsync("artifact/nobody/", CancellationToken.None).ToListAsync(), Is.Empty);
    }

    [Test]
    public async Task It_says_when_a_file_was_kept()
    {
        // Some file systems count in whole seconds.
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-2);

        await KeepAsync("artifact/aa/kept", [1]);

        Assert.That(await KeptAtAsync("artifact/aa/kept"), Is.InRange(before, before.AddMinutes(1)));
        Assert.That(await KeptAtAsync("artifact/aa/never"), Is.Null);
    }

    /// <summary>What was sent in pieces lies on the disk for days before it is kept.</summary>
    [Test]
    public async Task What_was_received_long_ago_is_kept_now([Values] bool inPieces)
    {
        await using var received = await ReceiveAsync([1, 2]);
        received.ToDisk();
        await received.FinishAsync(CancellationToken.None);
        var path = Path.Combine(_root, "received");
        File.Copy(received.Path, path);
        await using var pieces = TemporaryFile.Adopt(path, 2, received.Digests);
        var file = inPieces ? pieces : received;
        File.SetLastWriteTimeUtc(file.Path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-2);

        await Backend.KeepAsync("artifact/aa/received", file, flush: true, CancellationToken.None);

        Assert.That(await KeptAtAsync("artifact/aa/received"), Is.GreaterThan(before));
    }

    /// <summary>As in a transaction that is given up for the sake of others, and runs again.</summary>
    [Test]
    public async Task What_is_kept_may_be_kept_once_more()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        await using var file = await ReceiveAsync(bytes);
        await Backend.KeepAsync("artifact/aa/again", file, flush: true, CancellationToken.None);

        await Backend.KeepAsync("artifact/aa/again", file, flush: true, CancellationToken.None);

        Assert.That(await ReadAsync("artifact/aa/again"), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Who_reads_a_file_that_is_deleted_meanwhile_gets_it_whole_or_an_error()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        await KeepAsync("artifact/aa/read", bytes);
        await using var stream = Backend.OpenRead("artifact/aa/read");
        var first = new byte[10];
        await stream.ReadExactlyAsync(first);

        await Backend.DeleteAsync("artifact/aa/read", CancellationToken.None);

        using var rest = new MemoryStream();
        try
        {
            await stream.CopyToAsync(rest);
            Assert.That(first.Concat(rest.ToArray()), Is.EqualTo(bytes));
        }
        catch (IOException)
        {
            // A storage that no file outlives says so.
        }
    }

    /// <summary>Directories are made by who comes first; the others find them missing and there again within microseconds.</summary>
    [Test]
    public async Task Many_fill_an_empty_storage_at_once()
    {
        const int writers = 4;
        var files = new List<(string Name, TemporaryFile File)>();
        for (var i = 0; i < 400; i++)
        {
            var file = await ReceiveAsync(BitConverter.GetBytes(i));
            files.Add((ArtifactFiles.NameOf(PluginSdk.Models.Domains.Default, file.Digests.Sha256), file));
        }

        // In one order for all, so that they come to each directory at the same moment.
        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        using var together = new Barrier(writers);
        await Task.WhenAll(
            Enumerable
                .Range(0, writers)
                .Select(writer =>
                    Task.Run(() => KeepAsync([.. files.Where((_, i) => i % writers == writer)], together))
                )
        );
        await Backend.FlushAsync(CancellationToken.None);

        foreach (var (name, _) in files)
        {
            Assert.That(await SizeAsync(name), Is.EqualTo(sizeof(int)));
        }
    }

    [Test]
    public async Task What_somebody_is_writing_now_is_not_abandoned()
    {
        await using var begun = await ReceiveAsync(RandomNumberGenerator.GetBytes(100_000));
        await KeepAsync("artifact/aa/kept", [1]);

        await Backend.RemoveAbandonedAsync(DateTimeOffset.UnixEpoch, CancellationToken.None);
        await Backend.KeepAsync("artifact/aa/begun", begun, flush: true, CancellationToken.None);
        await Backend.RemoveAbandonedAsync(DateTimeOffset.MaxValue, CancellationToken.None);

        Assert.That(await SizeAsync("artifact/aa/begun"), Is.EqualTo(100_000));
        Assert.That(await SizeAsync("artifact/aa/kept"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_file_that_says_where_it_lies_lies_there()
    {
        await KeepAsync("artifact/aa/lies", [1, 2, 3]);

        if (Backend.PathOf("artifact/aa/lies") is { } path)
        {
            Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        }
    }

    private async Task<TemporaryFile> ReceiveAsync(byte[] bytes) =>
        await Staging.WriteAsync(new MemoryStream(bytes), limit: null, CancellationToken.None);

    private async Task KeepAsync(string name, byte[] bytes)
    {
        await using var file = await ReceiveAsync(bytes);
        await Backend.KeepAsync(name, file, flush: true, CancellationToken.None);
    }

    private async Task KeepAsync(IReadOnlyList<(string Name, TemporaryFile File)> files, Barrier together)
    {
        try
        {
            foreach (var (name, file) in files)
            {
                together.SignalAndWait();
                await Backend.KeepAsync(name, file, flush: false, CancellationToken.None);
            }
        }
        finally
        {
            together.RemoveParticipant();
        }
    }

    private Task CopyAsync(string name, Stream content) =>
        Backend.CopyAsync(name, content, CancellationToken.None).AsTask();

    private Task<long?> SizeAsync(string name) => Backend.SizeAsync(name, CancellationToken.None).AsTask();

    private Task<DateTimeOffset?> KeptAtAsync(string name) =>
        Backend.KeptAtAsync(name, CancellationToken.None).AsTask();

    private async Task<byte[]> ReadAsync(string name, long from = 0)
    {
        await using var stream = Backend.OpenRead(name, from);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read);
        return read.ToArray();
    }

    /// <summary>Some bytes, then an error.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The other end has gone.");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            destination.Write([9, 9, 9]);
            throw new IOException("The other end has gone.");
        }
    }
}
