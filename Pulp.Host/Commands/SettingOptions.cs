using System.CommandLine;
using Pulp.Core.Platform.Settings;

namespace Pulp.Host.Commands;

/// <summary>Options for all of core's settings, made from their names.</summary>
internal sealed class SettingOptions
{
    private readonly IReadOnlyList<string> _names = [.. SettingsBinder.NamesOf(typeof(PulpSettings), "")];

    /// <summary>A command that needs settings.</summary>
    public Command Command(string name, string about, Func<Setup, ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, about);
        var file = new Option<string?>("--settings")
        {
            Description = "A settings file (JSON); otherwise settings.json in the data directory or /etc/pulp.",
        };
        command.Options.Add(file);
        var options = _names.ToDictionary(
            n => n,
            n => new Option<string?>(Flag(n)) { HelpName = "value" },
            StringComparer.Ordinal
        );
        foreach (var option in options.Values)
        {
            command.Options.Add(option);
        }

        command.SetAction(
            async (result, cancellationToken) =>
            {
                var setup = new Setup(result.GetValue(file));
                foreach (var (setting, option) in options)
                {
                    if (result.GetValue(option) is { } value)
                    {
                        setup.Overrides[setting] = value;
                    }
                }

                try
                {
                    return await run(setup, result, cancellationToken);
                }
                catch (StartFault fault)
                {
                    await Console.Error.WriteLineAsync(fault.Message);
                    return 1;
                }
                catch (Exception error) when (StartFault.IsOfSurroundings(error))
                {
                    await Console.Error.WriteLineAsync($"pulp {name}: {StartFault.OneLine(error)}");
                    return 1;
                }
            }
        );
        return command;
    }

    private static string Flag(string name) => "--" + name.ToLowerInvariant().Replace('_', '-');
}
