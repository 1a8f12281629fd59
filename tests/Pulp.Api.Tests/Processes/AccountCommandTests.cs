namespace Pulp.Api.Tests.Processes;

/// <summary>Accounts and tokens made on the command line.</summary>
public sealed class AccountCommandTests
{
    private readonly string _data = Directory.CreateTempSubdirectory("pulp-test-accounts-").FullName;

    [OneTimeTearDown]
    public void RemoveData() => Directory.Delete(_data, recursive: true);

    private Task<(int Code, string Output, string Errors)> AdminAsync(params string[] arguments) =>
        ServerProcess.RunAsync(["admin", .. arguments, "--data-dir", _data]);

    [Test]
    public async Task Accounts_and_tokens_are_made_by_the_rules_of_the_api()
    {
        var file = Path.Combine(_data, "password");
        await File.WriteAllTextAsync(file, "a good one 1\n");

        var made = await AdminAsync("create-user", "ada", "--password-file", file, "--superuser", "--email", "a@b.org");
        var again = await AdminAsync("create-user", "ada", "--password-file", file);
        await File.WriteAllTextAsync(file, "1234");
        var weak = await AdminAsync("create-user", "weak", "--password-file", file);
        var bot = await AdminAsync("create-user", "bot", "--no-password");
        var token = await AdminAsync("token", "bot", "--name", "ci", "--scope", "read_only", "--days", "7");
        var nobodys = await AdminAsync("token", "nobody");
        var ended = await AdminAsync("token", "bot", "--name", "old", "--days", "-1");

        await using var server = await ServerProcess.ServeAsync(_data, "");
        using var ada = new PulpClient(server.Url, "ada", "a good one 1");
        using var ci = new PulpClient(server.Url, "bot", token.Output.Trim());
        var users = await ada.GetAsync("users/?username=bot");
        var login = await ci.GetAsync("login/");
        var tokens = await ci.GetAsync(login.Href + "tokens/");

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.Zero, made.Errors);
            Assert.That((again.Code, again.Errors.Trim()), Is.EqualTo((1, "username: This field must be unique.")));
            Assert.That((weak.Code, weak.Errors), Is.EqualTo((1, weak.Errors)));
            Assert.That(weak.Errors, Does.Contain("too short"));
            Assert.That(bot.Code, Is.Zero, bot.Errors);
            Assert.That(token.Output.Trim(), Does.StartWith("pulp_"));
            Assert.That((nobodys.Code, ended.Code), Is.EqualTo((1, 1)));
            Assert.That(users.Results, Has.Count.EqualTo(1));
            Assert.That((string?)login.Json?["username"], Is.EqualTo("bot"));
            Assert.That((string?)tokens.Results[0]["scope"], Is.EqualTo("read_only"));
        });
    }
}
