using System.Numerics;

namespace PulpPython.Versions;

/// <summary>Which of two versions is newer, part by part.</summary>
internal static class VersionOrder
{
    public static int Compare(PythonVersion left, PythonVersion right, bool withLocal)
    {
        var order = CompareReleases(left, right);
        if (order == 0)
        {
            order = ComparePre(left, right);
        }

        if (order == 0)
        {
            // Without one is older than with one.
            order = Nullable.Compare(left.Post, right.Post);
        }

        if (order == 0)
        {
            order = CompareDev(left.Dev, right.Dev);
        }

        return order == 0 && withLocal ? CompareLocal(left.LocalSegments, right.LocalSegments) : order;
    }

    /// <summary>By epoch and release: a shorter release is filled up with zeros.</summary>
    public static int CompareReleases(PythonVersion left, PythonVersion right)
    {
        var order = left.Epoch.CompareTo(right.Epoch);
        for (var i = 0; order == 0 && i < Math.Max(left.Release.Count, right.Release.Count); i++)
        {
            order = At(left.Release, i).CompareTo(At(right.Release, i));
        }

        return order;
    }

    /// <summary>True when the first numbers of the release are the prefix's, of the same epoch.</summary>
    public static bool StartsWith(PythonVersion version, PythonVersion prefix, int length) =>
        version.Epoch == prefix.Epoch
        && Enumerable.Range(0, length).All(i => At(version.Release, i) == At(prefix.Release, i));

    private static BigInteger At(IReadOnlyList<BigInteger> release, int index) =>
        index < release.Count ? release[index] : BigInteger.Zero;

    private static int ComparePre(PythonVersion left, PythonVersion right)
    {
        var order = Rank(left).CompareTo(Rank(right));
        return order != 0 || left.Pre is not { } one || right.Pre is not { } other ? order
            : string.CompareOrdinal(one.Letter, other.Letter) is var letters and not 0 ? letters
            : one.Number.CompareTo(other.Number);

        // A development version of the release itself comes before its alphas, the release after its candidates.
        static int Rank(PythonVersion version) =>
            version switch
            {
                { Pre: not null } => 1,
                { Post: null, Dev: not null } => 0,
                _ => 2,
            };
    }

    private static int CompareDev(BigInteger? left, BigInteger? right) =>
        (left, right) switch
        {
            ({ } one, { } other) => one.CompareTo(other),
            // What is worked on comes before what is done.
            (null, not null) => 1,
            (not null, null) => -1,
            _ => 0,
        };

    private static int CompareLocal(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (CompareSegments(left[i], right[i]) is var order and not 0)
            {
                return order;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    /// <summary>Numbers by value and after all texts; they have no zeros in front, so the longer one is larger.</summary>
    private static int CompareSegments(string left, string right)
    {
        var (one, other) = (char.IsAsciiDigit(left[^1]) && left.All(char.IsAsciiDigit), right.All(char.IsAsciiDigit));
        return one != other ? one.CompareTo(other)
            : one && left.Length != right.Length ? left.Length.CompareTo(right.Length)
            : string.CompareOrdinal(left, right);
    }
}
