using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace PulpPython.Versions;

/// <summary>A version of a release (PEP 440), ordered as installers order them.</summary>
public sealed partial class PythonVersion : IComparable<PythonVersion>, IEquatable<PythonVersion>
{
    /// <summary>No version is longer.</summary>
    public const int MaxLength = 256;

    private readonly BigInteger[] _release;
    private readonly (string Letter, BigInteger Number)? _pre;
    private readonly BigInteger? _post;
    private readonly BigInteger? _dev;
    private readonly string[] _local;
    private readonly string _key;

    private PythonVersion(Match match)
    {
        Text = match.Value.Trim();
        Epoch = Number(match.Groups["epoch"]) ?? 0;
        _release = [.. match.Groups["release"].Value.Split('.').Select(Parse)];
        if (match.Groups["pre"] is { Success: true } pre)
        {
            _pre = (Letter(pre.Value), Number(match.Groups["pre_n"]) ?? 0);
        }

        if (match.Groups["post"].Success || match.Groups["post_only"].Success)
        {
            _post = Number(match.Groups["post_only"]) ?? Number(match.Groups["post_n"]) ?? 0;
        }

        if (match.Groups["dev"].Success)
        {
            _dev = Number(match.Groups["dev_n"]) ?? 0;
        }

        _local = match.Groups["local"] is { Success: true } local
            ? [.. local.Value.ToLowerInvariant().Split('.', '-', '_').Select(NormalSegment)]
            : [];
        Public = Write(_release);
        Normal = _local.Length == 0 ? Public : $"{Public}+{Local}";
        _key = Write(_release.AsSpan(0, Significant(_release))) + "+" + Local;
    }

    /// <summary>As it was given, without the space around it.</summary>
    public string Text { get; }

    /// <summary>The normal form: <c>1.0rc1</c> for <c>v1.0-RC1</c>.</summary>
    public string Normal { get; }

    /// <summary>The normal form without the local part.</summary>
    public string Public { get; }

    /// <summary>What is behind the <c>+</c>, normalized; empty where there is none.</summary>
    public string Local => string.Join('.', _local);

    /// <summary>Versions of a higher epoch are newer than all of a lower one.</summary>
    public BigInteger Epoch { get; }

    /// <summary>The numbers of the release.</summary>
    public IReadOnlyList<BigInteger> Release => _release;

    /// <summary>An alpha, beta, release candidate or development version.</summary>
    public bool IsPrerelease => _pre is not null || IsDevelopment;

    /// <summary>A version before another that is being worked on (<c>.dev</c>).</summary>
    public bool IsDevelopment => _dev is not null;

    /// <summary>A correction of a release that changes none of its code (<c>.post</c>).</summary>
    public bool IsPostrelease => _post is not null;

    /// <summary>Reads a version in any spelling that the PEP takes.</summary>
    /// <param name="text">The version.</param>
    /// <param name="version">What it says.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PythonVersion? version)
    {
        version = text is { Length: <= MaxLength } && Form().Match(text) is { Success: true } match ? new(match) : null;
        return version is not null;
    }

    /// <inheritdoc />
    public int CompareTo(PythonVersion? other) =>
        other is null ? 1 : VersionOrder.Compare(this, other, withLocal: true);

    /// <inheritdoc />
    public bool Equals(PythonVersion? other) => other is not null && _key == other._key;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as PythonVersion);

    /// <inheritdoc />
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_key);

    /// <inheritdoc />
    public override string ToString() => Normal;

    /// <summary>The same version, whatever its spelling.</summary>
    public static bool operator ==(PythonVersion? left, PythonVersion? right) => left?.Equals(right) ?? right is null;

    /// <summary>Another version.</summary>
    public static bool operator !=(PythonVersion? left, PythonVersion? right) => !(left == right);

    /// <summary>Older.</summary>
    public static bool operator <(PythonVersion? left, PythonVersion? right) =>
        Comparer<PythonVersion>.Default.Compare(left, right) < 0;

    /// <summary>Newer.</summary>
    public static bool operator >(PythonVersion? left, PythonVersion? right) => right < left;

    /// <summary>Older or the same.</summary>
    public static bool operator <=(PythonVersion? left, PythonVersion? right) => !(right < left);

    /// <summary>Newer or the same.</summary>
    public static bool operator >=(PythonVersion? left, PythonVersion? right) => !(left < right);

    internal (string Letter, BigInteger Number)? Pre => _pre;

    internal BigInteger? Post => _post;

    internal BigInteger? Dev => _dev;

    internal IReadOnlyList<string> LocalSegments => _local;

    /// <summary>How many numbers are left without the zeros at the end, which say nothing.</summary>
    private static int Significant(BigInteger[] release)
    {
        var length = release.Length;
        while (length > 1 && release[length - 1].IsZero)
        {
            length--;
        }

        return length;
    }

    private string Write(ReadOnlySpan<BigInteger> release)
    {
        var text = new StringBuilder();
        if (!Epoch.IsZero)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Epoch}!");
        }

        for (var i = 0; i < release.Length; i++)
        {
            text.Append(i == 0 ? "" : ".").Append(release[i].ToString(CultureInfo.InvariantCulture));
        }

        if (_pre is { } pre)
        {
            text.Append(pre.Letter).Append(pre.Number.ToString(CultureInfo.InvariantCulture));
        }

        if (_post is { } post)
        {
            text.Append(CultureInfo.InvariantCulture, $".post{post}");
        }

        if (_dev is { } dev)
        {
            text.Append(CultureInfo.InvariantCulture, $".dev{dev}");
        }

        return text.ToString();
    }

    private static string Letter(string spelling) =>
        spelling.ToLowerInvariant() switch
        {
            "a" or "alpha" => "a",
            "b" or "beta" => "b",
            _ => "rc",
        };

    private static string NormalSegment(string segment) =>
        segment.All(char.IsAsciiDigit) ? Parse(segment).ToString(CultureInfo.InvariantCulture) : segment;

    private static BigInteger? Number(Group digits) =>
        digits is { Success: true, Length: > 0 } ? Parse(digits.Value) : null;

    private static BigInteger Parse(string digits) => BigInteger.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        """
            \A\s*v?
            (?:(?<epoch>[0-9]+)!)?
            (?<release>[0-9]+(?:\.[0-9]+)*)
            (?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)(?:[-_.]?(?<pre_n>[0-9]+))?)?
            (?:-(?<post_only>[0-9]+)|[-_.]?(?<post>post|rev|r)(?:[-_.]?(?<post_n>[0-9]+))?)?
            (?:[-_.]?(?<dev>dev)(?:[-_.]?(?<dev_n>[0-9]+))?)?
            (?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
            \s*\z
            """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant
    )]
    private static partial Regex Form();
}
