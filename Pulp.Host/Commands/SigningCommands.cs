using System.CommandLine;
using Pulp.Core.Signing;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>Signing services, which are added on the server itself: their scripts run with its rights.</summary>
internal static class SigningCommands
{
    public static IEnumerable<Command> All(SettingOptions options) => [Add(options), Remove(options), List(options)];

    private static Command Add(SettingOptions options)
    {
        var name = new Argument<string>("name") { Description = "Its name." };
        var script = new Argument<string>("script") { Description = "The script, which is tried." };
        var key = new Argument<string>("key") { Description = "Id or fingerprint of the public key." };
        var signingClass = new Option<string>("--class")
        {
            Description = "What it signs and how: a plugin's label, a colon and a name.",
            DefaultValueFactory = _ => SigningClasses.Default,
        };
        var home = new Option<string?>("--gnupghome", "--home") { Description = "gpg's directory with the key." };
        var keyring = new Option<string?>("--keyring") { Description = "A keyring file with the key." };
        var command = options.Command(
            "add-signing-service",
            "Adds a script that signs.",
            (setup, result, token) =>
                WithServicesAsync(
                    setup,
                    async services =>
                    {
                        var found = await PublicKey.FindAsync(
                            result.GetValue(key) ?? "",
                            result.GetValue(home),
                            result.GetValue(keyring),
                            token
                        );
                        var wanted = new NewSigningService
                        {
                            Name = result.GetValue(name) ?? "",
                            Script = result.GetValue(script) ?? "",
                            Key = found,
                            SigningClass = result.GetValue(signingClass) ?? SigningClasses.Default,
                        };
                        await services.AddAsync(wanted, token);
                        Console.WriteLine(
                            $"Successfully added signing service {wanted.Name} for key {found.Fingerprint}."
                        );
                    },
                    token
                )
        );
        foreach (var argument in new[] { name, script, key })
        {
            command.Arguments.Add(argument);
        }

        foreach (var option in new Option[] { signingClass, home, keyring })
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static Command Remove(SettingOptions options)
    {
        var name = new Argument<string>("name") { Description = "Its name." };
        var signingClass = new Option<string?>("--class") { Description = "Only one of this class." };
        var command = options.Command(
            "remove-signing-service",
            "Removes a script that signs; what it signed stays.",
            (setup, result, token) =>
                WithServicesAsync(
                    setup,
                    async services =>
                    {
                        var removed = result.GetValue(name) ?? "";
                        if (!await services.RemoveAsync(removed, result.GetValue(signingClass), token))
                        {
                            throw new StartFault($"Signing service '{removed}' does not exist.");
                        }

                        Console.WriteLine($"Signing service '{removed}' has been successfully removed.");
                    },
                    token
                )
        );
        command.Arguments.Add(name);
        command.Options.Add(signingClass);
        return command;
    }

    private static Command List(SettingOptions options) =>
        options.Command(
            "list-signing-services",
            "Lists the names of the scripts that sign.",
            (setup, _, token) =>
                WithServicesAsync(
                    setup,
                    async services =>
                    {
                        foreach (var name in await services.NamesAsync(token))
                        {
                            Console.WriteLine(name);
                        }
                    },
                    token
                )
        );

    /// <summary>What is wrong with what was given is said in a line, not as a stack.</summary>
    private static async Task<int> WithServicesAsync(
        Setup setup,
        Func<SigningServices, Task> work,
        CancellationToken cancellationToken
    )
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        await Preparation.MigrateAsync(app, catalog, cancellationToken);
        try
        {
            await work(app.Services.GetRequiredService<SigningServices>());
            return 0;
        }
        catch (Exception error) when (error is ProgramException or BadRequestException or ConflictException)
        {
            throw new StartFault(error.Message);
        }
    }
}
