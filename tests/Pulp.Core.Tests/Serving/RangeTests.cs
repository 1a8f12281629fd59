using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using Pulp.Core.Serving;

namespace Pulp.Core.Tests.Serving;

/// <summary>Ranges as RFC 9110 has them, against a model that looks at each byte.</summary>
public sealed class RangeTests
{
    private const string Tag = "\"tag\"";
    private static readonly DateTimeOffset Modified = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private static Conditions Evaluate(long size, string range) =>
        Conditions.Evaluate(new HeaderDictionary { ["Range"] = range }, Tag, Modified, size);

    /// <summary>The bytes from first to last that are there; a suffix counts from the end.</summary>
    private static List<long> Model(long size, long? first, long? last) =>
        [
            .. Enumerable
                .Range(0, (int)size)
                .Select(i => (long)i)
                .Where(i => first is { } from ? i >= from && i <= (last ?? size) : i >= size - (last ?? 0)),
        ];

    private static string Text(long? first, long? last) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes={first}-{last}");

    private static readonly Gen<long> Number = Gen.Frequency(
        (8, Gen.Choose(0, 40).Select(n => (long)n)),
        (1, Gen.Elements(long.MaxValue, int.MaxValue, 1L << 32))
    );

    private static readonly Gen<(long Size, long? First, long? Last)> Ranges =
        from size in Gen.Choose(0, 30)
        from first in Gen.OneOf(Gen.Constant((long?)null), Number.Select(n => (long?)n))
        from last in Gen.OneOf(Gen.Constant((long?)null), Number.Select(n => (long?)n))
        where (first, last) is not (null, null) && !(first > last)
        select ((long)size, first, last);

    [FsCheck.NUnit.Property(MaxTest = 1_000)]
    public Property One_range_gets_exactly_its_bytes() =>
        Prop.ForAll(
            Arb.From(Ranges),
            range =>
            {
                var found = Evaluate(range.Size, Text(range.First, range.Last));
                var bytes = Model(range.Size, range.First, range.Last);

                return bytes.Count == 0 ? found.Status == 416 : found == new Conditions(206, bytes[0], bytes.Count);
            }
        );

    [FsCheck.NUnit.Property(MaxTest = 1_000)]
    public Property Whatever_else_is_sent_gets_the_whole_or_a_part_that_is_there(string text, int size)
    {
        var length = Math.Abs((long)size) % 1_000;
        var header = "bytes=" + string.Concat((text ?? "").Where(c => c is >= ' ' and <= '~'));

        var found = Evaluate(length, header);

        return (
            found.Status switch
            {
                200 => found is { From: 0 } && found.Length == length,
                206 => found.From >= 0 && found.Length > 0 && found.From + found.Length <= length,
                416 => true,
                _ => false,
            }
        ).ToProperty();
    }

    [Test]
    public void A_range_that_ends_before_it_begins_cant_be_satisfied() =>
        Assert.That(Evaluate(10, "bytes=5-2").Status, Is.EqualTo(416));

    [TestCase("bytes=0-1,3-4")]
    [TestCase("bytes=")]
    [TestCase("lines=0-1")]
    [TestCase("bytes=99999999999999999999-")]
    public void What_is_no_single_range_gets_the_whole(string range)
    {
        Assert.That(Evaluate(10, range), Is.EqualTo(new Conditions(200, 0, 10)));
    }
}
