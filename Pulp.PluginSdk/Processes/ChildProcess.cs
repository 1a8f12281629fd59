using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Processes;

/// <summary>A program of the machine's, run with limits.</summary>
[Experimental(Unsettled.Signing)]
public sealed record ChildProcess
{
    /// <summary>How much of what a program complains about is kept: its end says why it failed.</summary>
    private const int MostErrors = 16 * 1024;

    /// <summary>How long output is read after a program's end, which somebody else holds then.</summary>
    private static readonly TimeSpan AfterExit = TimeSpan.FromSeconds(3);

    /// <summary>Name or path of the program; a name is looked for on the PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, each as it is: no shell looks at them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>
    /// Which variables of the server's it gets, by their names: all, where nothing else is said. Those of Pulp's own settings
    /// (<c>PULP_...</c>) it never gets: passwords are among them.
    /// </summary>
    public Func<string, bool> Inherits { get; init; } = static _ => true;

    /// <summary>Variables that it gets beside those of the server, whatever their names.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it runs.</summary>
    public required string Directory { get; init; }

    /// <summary>It is ended with all that it started when it takes longer.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>It is ended when it prints more bytes.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>
    /// Runs it to its end, without anything to read. What it leaves running goes on; if that holds its output, it is read for a few seconds
    /// more, and what was printed until then is the output.
    /// </summary>
    /// <param name="cancellationToken">Ends it, with all that it started.</param>
    /// <exception cref="ProgramException">It can't be run, took too long or printed too much.</exception>
    public async Task<ProcessEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        using var reads = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        try
        {
            var exit = process.WaitForExitAsync(limit.Token);
            var errors = ReadEndAsync(process.StandardError.BaseStream, limit.Token, reads.Token);
            var output = ReadAsync(process.StandardOutput.BaseStream, limit.Token, reads.Token);
            // One that prints too much doesn't end by itself.
            await await Task.WhenAny(output, exit);
            await exit;
            reads.CancelAfter(AfterExit);
            return new ProcessEnd(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProgramException($"{Program} didn't end within {TimeLimit.TotalSeconds:0} seconds.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            WorkingDirectory = Directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => IsSetting(name) || !Inherits(name)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new ProgramException($"{Program} can't be run.");
        }
        catch (Win32Exception error)
        {
            throw new ProgramException($"{Program} can't be run: {error.Message}", error);
        }
    }

    private static bool IsSetting(string name) => name.StartsWith("PULP_", StringComparison.OrdinalIgnoreCase);

    private async Task<byte[]> ReadAsync(Stream stream, CancellationToken limit, CancellationToken reads)
    {
        using var read = new MemoryStream();
        await foreach (var part in PartsAsync(stream, limit, reads))
        {
            if (read.Length + part.Length > OutputLimit)
            {
                throw new ProgramException($"{Program} printed more than {OutputLimit} bytes.");
            }

            read.Write(part.Span);
        }

        return read.ToArray();
    }

    private static async Task<string> ReadEndAsync(Stream stream, CancellationToken limit, CancellationToken reads)
    {
        var kept = new List<byte>();
        await foreach (var part in PartsAsync(stream, limit, reads))
        {
            kept.AddRange(part.Span);
            kept.RemoveRange(0, Math.Max(0, kept.Count - MostErrors));
        }

        return Encoding.UTF8.GetString([.. kept]).Trim();
    }

    /// <summary>What is printed, until nobody can print any more or <paramref name="reads"/> says that it is enough.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> PartsAsync(
        Stream stream,
        CancellationToken limit,
        [EnumeratorCancellation] CancellationToken reads
    )
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            int count;
            try
            {
                count = await stream.ReadAsync(buffer, reads);
            }
            catch (OperationCanceledException) when (!limit.IsCancellationRequested)
            {
                // The program has ended, and what it left running holds the stream.
                yield break;
            }

            if (count == 0)
            {
                yield break;
            }

            yield return buffer.AsMemory(0, count);
        }
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">The end of what it complained about.</param>
public sealed record ProcessEnd(int ExitCode, byte[] Output, string Errors)
{
    /// <summary>What it printed, as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);
}
