using System.Text.RegularExpressions;

namespace Pulp.Core.Users;

/// <summary>
/// Which passwords an account may be given over the API: Django's four rules, with its texts. In the place of its list of 20,000
/// common passwords stand the words most of them are made of, with a few digits behind, and the runs and repetitions most
/// others are.
/// </summary>
internal static partial class PasswordRules
{
    private const int MinLength = 8;
    private const double TooSimilar = 0.7;

    private static readonly HashSet<string> Words = new(
        """
        password passwort passw0rd p@ssword p@ssw0rd pa55word qwerty qwertz azerty letmein welcome iloveyou sunshine princess
        football baseball basketball superman batman spiderman starwars pokemon dragon monkey shadow master michael jennifer
        jessica michelle nicole daniel ashley charlie jordan thomas hunter andrew matthew joshua admin administrator root
        superuser changeme changeit default guest public secret topsecret mysecret trustno whatever computer internet
        samsung google facebook minecraft liverpool chelsea arsenal barcelona corvette mustang ferrari mercedes harley
        cheese chocolate butterfly rainbow unicorn flower summer winter spring autumn monday friday january december blessed
        freedom forever friends family hello helloworld loveyou lovely angel purple orange yellow silver diamond phoenix
        midnight mountain victoria elizabeth alexander benjamin jonathan christian anthony patrick samantha stephanie
        access server system testing testtest test user login passphrase computer1 abcd1234 a1b2c3d4 qwe123 zxcvbn asdfgh pulp
        pulpadmin pulppulp
        """.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        StringComparer.Ordinal
    );

    /// <summary>Along the alphabet and the keyboard.</summary>
    private static readonly string[] Runs =
    [
        "abcdefghijklmnopqrstuvwxyz",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
        "1q2w3e4r5t6y7u8i9o0p",
        "q1w2e3r4t5y6u7i8o9p0",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "qazwsxedcrfvtgbyhnujmikolp",
    ];

    /// <summary>Everything that is wrong with a password.</summary>
    /// <param name="password">The password.</param>
    /// <param name="attributes">What else is known of the account, by the name it has in messages.</param>
    public static IEnumerable<string> Faults(string password, IEnumerable<(string Name, string? Value)> attributes)
    {
        var similar = attributes.FirstOrDefault(a => a.Value is { Length: > 0 } value && IsLike(password, value));
        if (similar.Name is not null)
        {
            yield return $"The password is too similar to the {similar.Name}.";
        }

        if (password.EnumerateRunes().Count() < MinLength)
        {
            yield return $"This password is too short. It must contain at least {MinLength} characters.";
        }

        if (IsCommon(password.Trim().ToLowerInvariant()))
        {
            yield return "This password is too common.";
        }

        if (password.Length > 0 && password.All(char.IsDigit))
        {
            yield return "This password is entirely numeric.";
        }
    }

    private static bool IsCommon(string password) =>
        Words.Contains(password)
        || Words.Contains(TrailingDigits().Replace(password, ""))
        || Repetition().IsMatch(password)
        || (password.Length > 3 && Runs.Any(run => Holds(run, password)));

    private static bool Holds(string run, string password) =>
        run.Contains(password, StringComparison.Ordinal)
        || run.Contains(new string([.. password.Reverse()]), StringComparison.Ordinal);

    /// <summary>Like the value or a word of it, by the characters they have in common.</summary>
    private static bool IsLike(string password, string value)
    {
        var (one, whole) = (password.ToLowerInvariant(), value.ToLowerInvariant());
        return NotWords().Split(whole).Append(whole).Any(part => Likeness(one, part) >= TooSimilar);
    }

    private static double Likeness(string one, string other)
    {
        var left = other.GroupBy(c => c).ToDictionary(g => g.Key, g => g.Count());
        var common = 0;
        foreach (var c in one)
        {
            if (left.TryGetValue(c, out var count) && count > 0)
            {
                left[c] = count - 1;
                common++;
            }
        }

        return other.Length == 0 ? 0 : 2.0 * common / (one.Length + other.Length);
    }

    [GeneratedRegex(@"\d{1,4}$", RegexOptions.NonBacktracking)]
    private static partial Regex TrailingDigits();

    /// <summary>One to three characters again and again.</summary>
    [GeneratedRegex(@"^(?<unit>.{1,3})\k<unit>+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Repetition();

    [GeneratedRegex(@"\W+", RegexOptions.NonBacktracking)]
    private static partial Regex NotWords();
}
