namespace Pulp.Api.Tests.Users;

/// <summary>Which passwords accounts may be given, over the API.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PasswordTests(Engine engine) : ApiFixture(engine)
{
    private const string Short = "This password is too short. It must contain at least 8 characters.";
    private const string Common = "This password is too common.";
    private const string Numeric = "This password is entirely numeric.";

    [TestCase("1234567", Short, Common, Numeric)]
    [TestCase("83650417", Numeric)]
    [TestCase("7charsx", Short)]
    [TestCase("Password1", Common)]
    [TestCase("password123", Common)]
    [TestCase("qwertyuiop", Common)]
    [TestCase("hgfedcba", Common)]
    [TestCase("abcabcabc", Common)]
    [TestCase("1q2w3e4r5t", Common)]
    public async Task A_password_that_is_easily_guessed_is_refused_with_every_reason(
        string password,
        params string[] reasons
    )
    {
        var answer = await Api.PostAsync("users/", new { username = PulpClient.Unique(), password });

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(
                answer.Json?["non_field_errors"]?.AsArray().Select(m => (string?)m),
                Is.EqualTo(reasons),
                answer.Text
            );
        });
    }

    [TestCase("{\"username\": \"wilhelmina\", \"password\": \"Wilhelmina7\"}", "username")]
    [TestCase("{\"username\": \"o1\", \"first_name\": \"Bartholomew\", \"password\": \"bartholomew2\"}", "first name")]
    [TestCase(
        "{\"username\": \"o2\", \"email\": \"a.featherstone@x.org\", \"password\": \"featherston\"}",
        "email address"
    )]
    public async Task A_password_like_what_is_known_of_its_user_is_refused(string json, string attribute)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, "users/", json);

        Assert.That(
            (string?)answer.Json?["non_field_errors"]?[0],
            Is.EqualTo($"The password is too similar to the {attribute}."),
            answer.Text
        );
    }

    [Test]
    public async Task A_new_password_is_compared_with_the_account_as_it_is()
    {
        var made = await Api.PostAsync("users/", new { username = PulpClient.Unique(), last_name = "Featherstone" });

        var similar = await Api.PatchAsync(made.Href, new { password = "featherstone3" });
        var renamed = await Api.PatchAsync(made.Href, new { password = "featherstone3", last_name = "Smith" });

        Assert.That((similar.Code, renamed.Code), Is.EqualTo((400, 200)), renamed.Text);
    }

    [Test]
    public async Task Eight_characters_that_nobody_guesses_are_enough()
    {
        var answer = await Api.PostAsync("users/", new { username = PulpClient.Unique(), password = "Yeech6ba" });

        Assert.That(answer.Code, Is.EqualTo(201), answer.Text);
    }
}
