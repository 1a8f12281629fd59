using NUnit.Framework;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Processes;

namespace Pulp.Core.Tests.Processes;

/// <summary>Programs of the machine's get what they may of the server's environment, and end.</summary>
public sealed class ChildProcessTests
{
    [Test]
    public async Task The_servers_settings_are_kept_from_programs()
    {
        Environment.SetEnvironmentVariable("PULP_TEST_SECRET", "secret");
        Environment.SetEnvironmentVariable("TESTS_OWN", "own");

        var all = await LinesAsync(Shell("env"));
        var few = await LinesAsync(Shell("env") with { Inherits = name => name is "PATH" or "PULP_TEST_SECRET" });
        var given = await LinesAsync(
            Shell("env") with
            {
                Environment = new Dictionary<string, string> { ["PULP_SIGNING_KEY_FINGERPRINT"] = "AB" },
            }
        );

        Assert.Multiple(() =>
        {
            Assert.That(all, Has.Member("TESTS_OWN=own").And.Some.StartsWith("PATH="));
            Assert.That(all, Has.None.StartsWith("PULP_"));
            Assert.That(few, Has.None.StartsWith("TESTS_OWN").And.Some.StartsWith("PATH="));
            Assert.That(few, Has.None.StartsWith("PULP_"));
            Assert.That(given, Has.Member("PULP_SIGNING_KEY_FINGERPRINT=AB"));
        });
    }

    [Test]
    public async Task A_program_that_leaves_another_running_is_not_waited_for_until_the_limit()
    {
        var end = await (
            Shell("echo done; sleep 600 & echo $! >&2; exit 3") with
            {
                TimeLimit = TimeSpan.FromSeconds(120),
            }
        ).RunAsync(CancellationToken.None);

        using (var left = System.Diagnostics.Process.GetProcessById(int.Parse(end.Errors)))
        {
            left.Kill();
        }

        Assert.That((end.ExitCode, end.Text), Is.EqualTo((3, "done\n")));
    }

    [Test]
    public void What_takes_too_long_or_prints_too_much_is_ended()
    {
        var endless = Shell("while :; do echo more; done") with { OutputLimit = 1000 };
        var slow = Shell("sleep 20") with { TimeLimit = TimeSpan.FromMilliseconds(200) };

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await endless.RunAsync(CancellationToken.None),
                Throws.TypeOf<ProgramException>().With.Message.Contains("more than 1000 bytes")
            );
            Assert.That(
                async () => await slow.RunAsync(CancellationToken.None),
                Throws.TypeOf<ProgramException>().With.Message.Contains("didn't end")
            );
        });
    }

    private static ChildProcess Shell(string script) =>
        new()
        {
            Program = "sh",
            Arguments = ["-c", script],
            Directory = Path.GetTempPath(),
        };

    private static async Task<string[]> LinesAsync(ChildProcess program) =>
        (await program.RunAsync(CancellationToken.None)).Text.Split('\n');
}
