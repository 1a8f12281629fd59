using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Users;

namespace Pulp.Core.Tests.Platform;

public sealed class SmallPartsTests
{
    [Test]
    public void Ids_count_up_within_a_millisecond_too()
    {
        var now = TimeProvider.System.GetUtcNow();

        var ids = Enumerable.Range(0, 10_000).Select(_ => Ids.New(now).ToString()).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(ids, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
            Assert.That(ids, Is.Unique);
            Assert.That(ids.Select(i => i[14]), Has.All.EqualTo('7'));
        });
    }

    [Test]
    public void A_secret_opens_with_its_key_only_and_never_looks_the_same()
    {
        using var box = new SecretBox(SecretBox.NewKey());
        using var other = new SecretBox(SecretBox.NewKey());

        var (one, two) = (box.Seal("s3cret"), box.Seal("s3cret"));

        Assert.Multiple(() =>
        {
            Assert.That(box.Open(one), Is.EqualTo("s3cret"));
            Assert.That(one, Is.Not.EqualTo(two));
            Assert.That(() => other.Open(one), Throws.InstanceOf<CryptographicException>());
        });
    }

    [Test]
    public void Digests_are_what_the_framework_and_RFC_3874_say()
    {
        var text = "abc"u8.ToArray();
        using var set = new DigestSet(["md5", "sha224", "sha256", "sha512"]);
        set.Append(text.AsSpan(0, 1));
        set.Append(text.AsSpan(1));

        var digests = set.Finish();

        Assert.Multiple(() =>
        {
            Assert.That(digests.Sha224, Is.EqualTo("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"));
            Assert.That(digests.Sha256, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(text))));
            Assert.That(digests.Sha512, Is.EqualTo(Convert.ToHexStringLower(SHA512.HashData(text))));
            Assert.That(digests.Md5, Is.EqualTo("900150983cd24fb0d6963f7d28e17f72"));
            Assert.That(digests.Sha1, Is.Null);
            Assert.That(DigestSet.Of(text, ["md5", "sha224", "sha256", "sha512"]), Is.EqualTo(digests));
        });
    }

    [Test]
    public void Passwords_are_in_Djangos_form_and_match_only_themselves()
    {
        var stored = PasswordHash.Make("correct horse");

        Assert.Multiple(() =>
        {
            Assert.That(stored, Does.StartWith("pbkdf2_sha256$"));
            Assert.That(PasswordHash.Check("correct horse", stored).Fits);
            Assert.That(PasswordHash.Check("wrong horse", stored).Fits, Is.False);
            Assert.That(PasswordHash.Check("", PasswordHash.Unusable).Fits, Is.False);
        });
    }

    [Test]
    public async Task Nobody_adds_while_somebody_removes()
    {
        var path = Path.GetTempFileName();
        var one = await StorageLock.TakeAsync(path, exclusive: false, CancellationToken.None);
        var two = await StorageLock.TakeAsync(path, exclusive: false, CancellationToken.None);
        var alone = StorageLock.TakeAsync(path, exclusive: true, CancellationToken.None);

        await one.DisposeAsync();
        var early = alone.IsCompleted;
        await two.DisposeAsync();

        await using var taken = await alone.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(early, Is.False);
        File.Delete(path);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Who_comes_while_somebody_removes_waits(bool exclusive)
    {
        var path = Path.GetTempFileName();
        var alone = await StorageLock.TakeAsync(path, exclusive: true, CancellationToken.None);
        var next = StorageLock.TakeAsync(path, exclusive, CancellationToken.None);

        var early = next.IsCompleted;
        await alone.DisposeAsync();

        await using var taken = await next.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(early, Is.False);
        File.Delete(path);
    }
}
