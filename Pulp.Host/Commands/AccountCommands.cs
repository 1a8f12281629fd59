using System.CommandLine;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>Accounts and tokens, made on the server itself.</summary>
internal static class AccountCommands
{
    public static Command CreateUser(SettingOptions options)
    {
        var name = new Argument<string>("username") { Description = "Its name." };
        var file = new Option<string?>("--password-file")
        {
            Description = "A file whose first line is the password; without, it is read from standard input, or made.",
        };
        var none = new Option<bool>("--no-password") { Description = "Nobody signs in to it with a password." };
        var email = new Option<string?>("--email") { Description = "Its email address." };
        var staff = new Option<bool>("--staff") { Description = "It belongs to the staff." };
        var superuser = new Option<bool>("--superuser") { Description = "It may do everything." };
        var command = options.Command(
            "create-user",
            "Makes an account.",
            (setup, result, token) =>
                CreateUserAsync(
                    setup,
                    new JsonObject
                    {
                        ["username"] = result.GetValue(name),
                        ["email"] = result.GetValue(email) ?? "",
                        ["is_staff"] = result.GetValue(staff),
                    },
                    result.GetValue(superuser),
                    result.GetValue(none),
                    result.GetValue(file),
                    token
                )
        );
        command.Arguments.Add(name);
        foreach (var option in new Option[] { file, none, email, staff, superuser })
        {
            command.Options.Add(option);
        }

        return command;
    }

    public static Command Token(SettingOptions options)
    {
        var user = new Argument<string>("username") { Description = "Whose it is." };
        var name = new Option<string>("--name") { Description = "What it is for.", DefaultValueFactory = _ => "token" };
        var scope = new Option<string>("--scope")
        {
            Description = "full, or read_only.",
            DefaultValueFactory = _ => AccessToken.Full,
        };
        scope.AcceptOnlyFromAmong(AccessToken.Full, AccessToken.ReadOnly);
        var days = new Option<int?>("--days") { Description = "How long it lets in; without, until it is ended." };
        var command = options.Command(
            "token",
            "Makes a personal access token and prints it.",
            (setup, result, token) =>
                TokenAsync(
                    setup,
                    result.GetValue(user) ?? "",
                    new NewAccessToken
                    {
                        Name = result.GetValue(name) ?? "token",
                        Scope = result.GetValue(scope) ?? AccessToken.Full,
                        ExpiresAt = result.GetValue(days) is { } length
                            ? TimeProvider.System.GetUtcNow().AddDays(Math.Clamp(length, -1, 36_500))
                            : null,
                    },
                    token
                )
        );
        command.Arguments.Add(user);
        foreach (var option in new Option[] { name, scope, days })
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static async Task<int> CreateUserAsync(
        Setup setup,
        JsonObject account,
        bool isSuperuser,
        bool withoutPassword,
        string? file,
        CancellationToken cancellationToken
    )
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        await Preparation.MigrateAsync(app, catalog, cancellationToken);
        var given =
            file is not null ? (await File.ReadAllLinesAsync(file, cancellationToken)).FirstOrDefault()
            : Console.IsInputRedirected && !withoutPassword ? await Console.In.ReadLineAsync(cancellationToken)
            : null;
        var made = string.IsNullOrEmpty(given) && !withoutPassword;
        var password =
            withoutPassword ? null
            : made ? GeneratedPassword.Make()
            : given;
        account["password"] = password;
        await CreateAsync(app, account, isSuperuser, cancellationToken);
        var username = (string?)account["username"] ?? "";
        Console.WriteLine(
            made
                ? $"The password of '{username}' {GeneratedPassword.Keep(settings, username, password ?? "")}."
                : $"The account '{username}' was made."
        );
        return 0;
    }

    /// <summary>As the API makes it, by the same rules.</summary>
    private static async Task CreateAsync(
        WebApplication app,
        JsonObject account,
        bool isSuperuser,
        CancellationToken cancellationToken
    )
    {
        await PulpApplication.DeclareAsync(app, cancellationToken);
        var kind = app.Services.GetRequiredService<ResourceRegistry>().For<User>();
        await using var body = RequestBody.From(new StoredBody(account.ToJsonString(), IsForm: false));
        var changes = app.Services.GetRequiredService<ResourceChanges>();
        var key = await TellAsync(() => changes.CreateAsync(kind, Reach.Server, body, cancellationToken));
        if (isSuperuser)
        {
            await app
                .Services.GetRequiredService<Accounts>()
                .SetSuperuserAsync(key.Number, isSuperuser, cancellationToken);
        }
    }

    private static async Task<int> TokenAsync(
        Setup setup,
        string username,
        NewAccessToken wanted,
        CancellationToken cancellationToken
    )
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        await Preparation.MigrateAsync(app, catalog, cancellationToken);
        var owner =
            await app.Services.GetRequiredService<Accounts>().FindAsync(username, cancellationToken)
            ?? throw new StartFault($"There is no active account '{username}'.");
        var tokens = app.Services.GetRequiredService<AccessTokens>();
        var (_, text) = await TellAsync(() => tokens.CreateAsync(owner.Id, wanted, cancellationToken));
        Console.WriteLine(text);
        return 0;
    }

    /// <summary>What is wrong with what was given is said in a line, not as a stack.</summary>
    private static async Task<T> TellAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (ValidationException error)
        {
            throw new StartFault(error.Message);
        }
    }
}
