using System.Buffers.Binary;
using System.Formats.Tar;
using Pulp.PluginSdk.Errors;
using PulpPython.Metadata;

namespace PulpPython.Tests.Metadata;

public sealed class PackageArchiveTests
{
    private static readonly byte[] Metadata = Encoding.UTF8.GetBytes(
        "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n"
    );

    [TestCase(".tar.gz")]
    [TestCase(".tar.bz2")]
    [TestCase(".tar")]
    [TestCase(".zip")]
    public async Task The_metadata_of_an_sdist_is_read(string extension)
    {
        var source = TestPackage.Source("Foo.Bar", "1.0", "Requires-Python: >=3", extension);

        Assert.That(await ReadAsync(source.Filename, source.Bytes), Is.EqualTo(source.Metadata));
    }

    [Test]
    public async Task The_metadata_of_wheels_eggs_and_installers_is_read()
    {
        var wheel = TestPackage.Wheel("Foo.Bar", "1.0", "Requires-Dist: x");
        var egg = TestPackage.Zip([("foo/a.py", [1]), ("EGG-INFO/PKG-INFO", Metadata)]);
        byte[] installer = [.. new byte[5000], .. TestPackage.Zip([("PURELIB/foo-1.0-py2.7.egg-info", Metadata)])];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ReadAsync(wheel.Filename, wheel.Bytes), Is.EqualTo(wheel.Metadata));
            Assert.That(await ReadAsync("foo-1.0-py2.7.egg", egg), Is.EqualTo(Metadata));
            Assert.That(await ReadAsync("foo-1.0.win32-py2.7.exe", installer), Is.EqualTo(Metadata));
        }
    }

    [TestCase(TarEntryFormat.Ustar)]
    [TestCase(TarEntryFormat.Gnu)]
    [TestCase(TarEntryFormat.Pax)]
    public async Task Long_names_before_it_are_passed_in_every_format(TarEntryFormat format)
    {
        var deep = string.Concat(Enumerable.Repeat("directory/", format == TarEntryFormat.Ustar ? 12 : 60));
        var tar = TestPackage.Tar(
            [
                ($"foo-1.0/{deep}PKG-INFO", [1, 2, 3]),
                ($"foo-1.0/{deep}b", new byte[70_000]),
                ("./foo-1.0/PKG-INFO", Metadata),
            ],
            format
        );

        Assert.That(await ReadAsync("foo-1.0.tar.gz", TestPackage.GZip(tar)), Is.EqualTo(Metadata));
    }

    [Test]
    public void A_file_that_is_not_what_its_name_says_is_refused() =>
        Assert.Multiple(() =>
        {
            var zip = TestPackage.Zip([("foo-1.0.dist-info/METADATA", Metadata)]);
            var tar = TestPackage.Tar([("foo-1.0/PKG-INFO", Metadata)]);
            Refused("foo-1.0.exe.txt", zip, "not the name");
            Refused("foo-1.0-py3-none-any.whl", TestPackage.GZip(tar), "damaged");
            Refused("foo-1.0-py3-none-any.whl", [], "damaged");
            Refused("foo-1.0.tar.gz", zip, "damaged");
            Refused("foo-1.0.tar.gz", [], "no metadata");
            Refused("foo-1.0.tar.gz", TestPackage.GZip([1, 2, 3]), "damaged");
            Refused("foo-1.0.tar.gz", TestPackage.GZip(new byte[2048]), "no metadata");
            Refused("foo-1.0.tar.gz", TestPackage.GZip(tar)[..60], "damaged");
            Refused("foo-1.0.tar.bz2", zip, "damaged");
            Refused("foo-1.0.tar.bz2", TestPackage.BZip2(tar)[..60], "damaged");
            Refused("foo-1.0.tar.xz", zip, "can't be read");
            Refused("foo-1.0.dmg", zip, "can't be read");
            Refused("foo-1.0.tar.gz", TestPackage.GZip(TestPackage.Tar([("a/b/PKG-INFO", Metadata)])), "no metadata");
            Refused("bar-1.0-py3-none-any.whl", zip, "no metadata");
        });

    [Test]
    public void Metadata_that_is_there_twice_is_refused() =>
        Refused(
            "foo-1.0-py3-none-any.whl",
            TestPackage.Zip([("foo-1.0.dist-info/METADATA", Metadata), ("foo-1.0.dist-info/METADATA", [1])]),
            "twice"
        );

    [Test]
    public async Task Names_that_lead_elsewhere_lead_nowhere()
    {
        var wheel = TestPackage.Zip([
            ("/etc/passwd", [1]),
            ("../../foo-1.0.dist-info/METADATA", [2]),
            ("/foo-1.0.dist-info/METADATA", [3]),
            ("foo-1.0.dist-info/METADATA", Metadata),
        ]);
        var source = TestPackage.Tar([
            ("/foo-1.0/PKG-INFO", [1]),
            ("../PKG-INFO/x", [2]),
            ("foo-1.0/PKG-INFO", Metadata),
        ]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ReadAsync("foo-1.0-py3-none-any.whl", wheel), Is.EqualTo(Metadata));
            Assert.That(await ReadAsync("foo-1.0.tar.gz", TestPackage.GZip(source)), Is.EqualTo(Metadata));
        }
    }

    [Test]
    public void Bombs_are_stopped()
    {
        var zeros = new byte[80 * 1024 * 1024];
        var large = new byte[17 * 1024 * 1024];

        Assert.Multiple(() =>
        {
            Refused("foo-1.0-py3-none-any.whl", TestPackage.Zip([("foo-1.0.dist-info/METADATA", large)]), "more than");
            Refused("foo-1.0.tar.gz", TestPackage.GZip(TestPackage.Tar([("foo-1.0/PKG-INFO", large)])), "more than");
            Refused("foo-1.0.tar.gz", TestPackage.GZip(TestPackage.Tar([("foo-1.0/x", zeros)])), "unpacked");
        });
    }

    [Test]
    public void A_header_of_any_size_is_not_taken_into_memory()
    {
        var tar = TestPackage.Tar([($"foo-1.0/{new string('x', 2_000_000)}", [1])]);

        Refused("foo-1.0.tar.gz", TestPackage.GZip(tar), "more than");
    }

    [Test]
    public void Lies_about_sizes_are_found()
    {
        var honest = TestPackage.Zip([("foo-1.0.dist-info/METADATA", Metadata)]);
        var directory = honest.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        var (smaller, larger, huge, moved, many) = (Copy(), Copy(), Copy(), Copy(), Copy());
        Write(smaller, directory + 24, 10);
        Write(larger, directory + 24, 1_000_000);
        Write(huge, directory + 20, 0xFFFFFFF0);
        Write(moved, directory + 42, 0x7FFFFFFF);
        BinaryPrimitives.WriteUInt16LittleEndian(many.AsSpan(many.Length - 12), 60_000);

        Assert.Multiple(() =>
        {
            Refused("foo-1.0-py3-none-any.whl", smaller, "damaged");
            Refused("foo-1.0-py3-none-any.whl", larger, "damaged");
            Refused("foo-1.0-py3-none-any.whl", huge, "more than");
            Refused("foo-1.0-py3-none-any.whl", moved, "damaged");
            Refused("foo-1.0-py3-none-any.whl", many, "damaged");
        });

        byte[] Copy() => [.. honest];
        static void Write(byte[] zip, int at, uint value) =>
            BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(at), value);
    }

    [Test]
    public async Task Damage_anywhere_is_an_error_for_the_client_or_none()
    {
        var random = new Random(7);
        var refused = 0;
        foreach (
            var package in new[]
            {
                TestPackage.Wheel("foo", "1.0"),
                TestPackage.Source("foo", "1.0"),
                TestPackage.Source("foo", "1.0", extension: ".tar.bz2"),
            }
        )
        {
            for (var i = 0; i < 400; i++)
            {
                byte[] bytes = [.. package.Bytes];
                for (var n = random.Next(1, 5); n > 0; n--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                try
                {
                    _ = CoreMetadata.Parse(await ReadAsync(package.Filename, bytes));
                }
                catch (ValidationException)
                {
                    // What it is to be; anything else fails the test.
                    refused++;
                }
            }
        }

        Assert.That(refused, Is.Positive, "some are damaged where it shows");
    }

    private static void Refused(string filename, byte[] bytes, string message) =>
        Assert.That(
            () => ReadAsync(filename, bytes),
            Throws.TypeOf<ValidationException>().With.Message.Contains(message),
            filename
        );

    private static async Task<byte[]> ReadAsync(string filename, byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        return await PackageArchive.ReadMetadataAsync(filename, file, CancellationToken.None);
    }
}
