namespace Pulp.Api.Tests.Roles;

/// <summary>Makes users and groups, and gives them roles.</summary>
internal static class People
{
    private const string Password = "a good one 1";

    public static async Task<Person> NewUserAsync(this TestServer server, params IReadOnlyList<string> everywhere)
    {
        var name = PulpClient.Unique();
        var made = await server.Api.PostAsync("users/", new { username = name, password = Password });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        var href = (string?)made.Json?["pulp_href"] ?? "";
        foreach (var role in everywhere)
        {
            await server.Api.GiveAsync(href, role);
        }

        return new Person(name, href, new PulpClient(server.Url, name, Password));
    }

    /// <summary>Gives a role everywhere, or on an object.</summary>
    public static async Task<string> GiveAsync(this PulpClient api, string holder, string role, string? on = null)
    {
        var given = await api.PostAsync(holder + "roles/", new { role, content_object = on });
        Assert.That(given.Code, Is.EqualTo(201), given.Text);
        return given.Href;
    }

    public static async Task<string> NewGroupAsync(
        this TestServer server,
        string name,
        params IReadOnlyList<Person> members
    )
    {
        var made = await server.Api.PostAsync("groups/", new { name });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        var href = (string?)made.Json?["pulp_href"] ?? "";
        foreach (var member in members)
        {
            var added = await server.Api.PostAsync(href + "users/", new { username = member.Name });
            Assert.That(added.Code, Is.EqualTo(201), added.Text);
        }

        return href;
    }

    /// <summary>The names of the groups that a user is in.</summary>
    public static async Task<IReadOnlyList<string?>> GroupsOfAsync(this TestServer server, string user) =>
        [.. ((await server.Api.GetAsync(user)).Json?["groups"]?.AsArray() ?? []).Select(g => (string?)g?["name"])];

    public static async Task<IReadOnlyList<string?>> NamesAsync(
        this PulpClient api,
        string list,
        string member = "name"
    )
    {
        var answer = await api.GetAsync(list);
        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
        return [.. (answer.Json?["results"]?.AsArray() ?? []).Select(r => (string?)r?[member])];
    }
}

/// <summary>A user with a client of the user's own.</summary>
internal sealed record Person(string Name, string Href, PulpClient Api) : IDisposable
{
    public void Dispose() => Api.Dispose();
}
