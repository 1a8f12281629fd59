using NUnit.Framework;
using Pulp.Core.Tasks;

namespace Pulp.Core.Tests.Tasks;

public sealed class ProcessIdentityTests
{
    private string _proc = "";
    private string _key = "";

    private string Stat => Path.Combine(_proc, _key.Split('/')[2], "stat");

    [SetUp]
    public void SetUp()
    {
        _proc = Directory.CreateTempSubdirectory("pulp-proc-").FullName;
        _key = new ProcessIdentity().Key;
        if (_key.Split('/').Length != 4)
        {
            Assert.Ignore("There is no /proc here.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Stat) ?? "");
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_proc, recursive: true);

    private string StatOf(string state, string started) =>
        $"{_key.Split('/')[2]} (a b) {state} {string.Join(' ', Enumerable.Repeat("0", 18))} {started} 0\n";

    [Test]
    public void Who_can_not_be_looked_at_may_live()
    {
        // Reading a directory fails, but not because nothing is there: as with too many open files.
        Directory.CreateDirectory(Stat);

        Assert.That(ProcessIdentity.IsCertainlyGone(_key, _proc), Is.False);
    }

    [Test]
    public void Who_is_not_there_is_gone() => Assert.That(ProcessIdentity.IsCertainlyGone(_key, _proc), Is.True);

    [TestCase("S", true, false)]
    [TestCase("T", true, false)]
    [TestCase("Z", true, true)]
    [TestCase("S", false, true)]
    public void A_process_is_known_by_its_start_and_a_zombie_is_gone(string state, bool same, bool gone)
    {
        File.WriteAllText(Stat, StatOf(state, same ? _key.Split('/')[3] : "1"));

        Assert.That(ProcessIdentity.IsCertainlyGone(_key, _proc), Is.EqualTo(gone));
    }
}
