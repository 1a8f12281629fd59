using System.CommandLine;

namespace Pulp.Host.Commands;

/// <summary>The command line. Every setting is an option of every command that needs settings: <c>--data-dir</c> is <c>DATA_DIR</c>.</summary>
internal static class PulpCommand
{
    public static RootCommand Make()
    {
        var options = new SettingOptions();
        var root = new RootCommand("Fetches, uploads, organizes and distributes software packages.");
        root.Subcommands.Add(Serve(options));
        root.Subcommands.Add(
            options.Command(
                "migrate",
                "Brings the database to this release.",
                (setup, _, token) => MigrateCommand.RunAsync(setup, token)
            )
        );
        root.Subcommands.Add(
            options.Command(
                "check",
                "Says whether the server could start with these settings.",
                (setup, _, token) => CheckCommand.RunAsync(setup, token)
            )
        );
        root.Subcommands.Add(Admin(options));
        root.Subcommands.Add(Worker(options));
        root.Subcommands.Add(BackupCommands.Backup(options));
        root.Subcommands.Add(BackupCommands.Restore(options));
        root.Subcommands.Add(
            options.Command(
                "openapi",
                "Prints the API document.",
                (setup, _, token) => OpenApiCommand.RunAsync(setup, token)
            )
        );
        var plugin = new Command("plugin", "About plugins.");
        plugin.Subcommands.Add(
            options.Command(
                "list",
                "Lists the plugins that are found.",
                (setup, _, _) => Task.FromResult(PluginListCommand.Run(setup))
            )
        );
        root.Subcommands.Add(plugin);
        root.Subcommands.Add(
            options.Command(
                "version",
                "Prints the versions.",
                (setup, _, _) => Task.FromResult(VersionCommand.Run(setup))
            )
        );
        root.Subcommands.Add(
            options.Command(
                "collectstatic",
                "Does nothing: static files are part of the program.",
                (_, _, _) => Task.FromResult(0)
            )
        );
        return root;
    }

    private static Command Serve(SettingOptions options) =>
        options.Command(
            "serve",
            "Runs the server.",
            (setup, _, token) => ServeCommand.RunAsync(setup, burst: false, token)
        );

    private static Command Worker(SettingOptions options)
    {
        var burst = new Option<bool>("--burst") { Description = "End when no task waits any more." };
        var command = options.Command(
            "worker",
            "Runs workers only.",
            (setup, result, token) =>
            {
                setup.Overrides["ROLES"] = "worker";
                return ServeCommand.RunAsync(setup, result.GetValue(burst), token);
            }
        );
        command.Options.Add(burst);
        return command;
    }

    private static Command Explain(SettingOptions options)
    {
        var user = new Argument<string>("user") { Description = "The account." };
        var operation = new Argument<string>("operation")
        {
            Description = "Its id in the API document, such as repositories_file_file_sync.",
        };
        var href = new Argument<string?>("href")
        {
            Description = "The object's href or PRN, where the operation has one.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var domain = new Option<string>("--domain")
        {
            Description = "The domain, where the operation has no object that says it.",
            DefaultValueFactory = _ => "default",
        };
        var explain = options.Command(
            "explain",
            "Says why somebody may do something, or may not.",
            (setup, result, token) =>
                ExplainCommand.RunAsync(
                    setup,
                    result.GetValue(user) ?? "",
                    result.GetValue(operation) ?? "",
                    result.GetValue(href),
                    result.GetValue(domain) ?? "",
                    token
                )
        );
        explain.Arguments.Add(user);
        explain.Arguments.Add(operation);
        explain.Arguments.Add(href);
        explain.Options.Add(domain);
        return explain;
    }

    private static Command Admin(SettingOptions options)
    {
        var admin = new Command("admin", "About accounts and signing services.");
        var username = new Option<string>("--username")
        {
            Description = "The account.",
            DefaultValueFactory = _ => "admin",
        };
        var password = new Option<string?>("--password")
        {
            Description = "The new password; without, it is read from standard input, or made.",
        };
        var reset = options.Command(
            "reset-password",
            "Sets an account's password.",
            (setup, result, token) =>
                ResetPasswordCommand.RunAsync(
                    setup,
                    result.GetValue(username) ?? "admin",
                    result.GetValue(password),
                    token
                )
        );
        reset.Options.Add(username);
        reset.Options.Add(password);
        admin.Subcommands.Add(reset);
        admin.Subcommands.Add(AccountCommands.CreateUser(options));
        admin.Subcommands.Add(AccountCommands.Token(options));
        admin.Subcommands.Add(Explain(options));
        foreach (var command in SigningCommands.All(options))
        {
            admin.Subcommands.Add(command);
        }

        return admin;
    }
}
