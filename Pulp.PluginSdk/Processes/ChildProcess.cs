using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
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

    /// <summary>Name or path of the program; a name is looked for on the PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, each as it is: no shell looks at them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables that it gets beside those of the server.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it runs.</summary>
    public required string Directory { get; init; }

    /// <summary>It is ended with all that it started when it takes longer.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>It is ended when it prints more bytes.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>Runs it to its end, without anything to read.</summary>
    /// <param name="cancellationToken">Ends it, with all that it started.</param>
    /// <exception cref="ProgramException">It can't be run, took too long or printed too much.</exception>
    public async Task<ProcessEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        try
        {
            var errors = ReadEndAsync(process.StandardError.BaseStream, limit.Token);
            var output = await ReadAsync(process.StandardOutput.BaseStream, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ProcessEnd(process.ExitCode, output, await errors);
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

    private async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if (read.Length + count > OutputLimit)
            {
                throw new ProgramException($"{Program} printed more than {OutputLimit} bytes.");
            }

            await read.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return read.ToArray();
    }

    private static async Task<string> ReadEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        var (kept, buffer) = (new List<byte>(), new byte[16 * 1024]);
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            kept.AddRange(buffer.AsSpan(0, count));
            kept.RemoveRange(0, Math.Max(0, kept.Count - MostErrors));
        }

        return Encoding.UTF8.GetString([.. kept]).Trim();
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
