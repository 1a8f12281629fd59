using System.Text.Json;

namespace Pulp.Api.Tests.Http;

/// <summary>Values that no client should send and some do, chosen by a seed.</summary>
internal sealed class HostileValues(Random random, IReadOnlyList<string> hrefs)
{
    private static readonly string[] Json =
    [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e999",
        "-1e999",
        "9223372036854775807",
        "-9223372036854775808",
        "92233720368547758080",
        "1E-400",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udfff\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "[]",
        "{}",
        "[null]",
        "[[[]]]",
        "[1, \"\\ud800\"]",
        "[\"*\", \"*\"]",
        "{\"\": null}",
        "{\"\\u0000\": 1}",
        "{\"\\ud800\": 1}",
        "{\"a\": {\"b\": [{}]}}",
        "{\"a\": 1e999}",
    ];

    private static readonly string[] Texts =
    [
        "",
        " ",
        "null",
        "*",
        "-1",
        "0",
        "1\0",
        "\0",
        "1e999",
        "NaN",
        "Infinity",
        "99999999999999999999999",
        "../../../etc/passwd",
        "/",
        "//",
        "a/../b",
        "\\",
        "%",
        "%00",
        "'; drop table core_task; --",
        "\"",
        "(",
        "[",
        "{\"a\": \"\\ud800\"}",
        "true",
        "2020-13-45",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999-14:00",
        "2020-01-01,2021-01-01",
        ",",
        ",,,",
        "a=b,!c,d~",
        "NOT (",
        "name=a AND NOT name__in=\"a,b\"",
        "file:///etc/passwd",
        "http://[::1",
        "http://user:secret@host/\u00e9",
        "\u202e\uffff",
        "\ud83d\ude00",
        "/pulp/api/v3/",
        "/pulp/api/v3/repositories/file/file/",
        "/pulp/api/v3/repositories/file/file/00000000-0000-0000-0000-000000000000/versions/99999999999999999999/",
        "prn:",
        "prn:file.filerepository:x",
        "prn:core.repositoryversion:00000000-0000-0000-0000-000000000000",
    ];

    public T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    public bool Sometimes(int percent) => random.Next(100) < percent;

    public string Text() =>
        random.Next(12) switch
        {
            0 => One(hrefs),
            1 => One(hrefs)[..^3],
            2 => $"{One(hrefs)},{One(hrefs)}",
            3 => Noise(random.Next(1, 5_000)),
            4 => new string((char)random.Next(1, 0x7f), random.Next(1, 3_000)),
            _ => One(Texts),
        };

    /// <summary>A value as JSON.</summary>
    public string AsJson() =>
        random.Next(10) switch
        {
            0 or 1 or 2 or 3 => One(Json),
            4 => $"[{JsonSerializer.Serialize(Text())}, {One(Json)}]",
            5 => $"{{{JsonSerializer.Serialize(Text())}: {One(Json)}}}",
            6 => string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60)),
            7 when Sometimes(20) => JsonSerializer.Serialize(Noise(100_000)),
            _ => JsonSerializer.Serialize(Text()),
        };

    // Not compressible: indexes hold more of what is.
    private string Noise(int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next(0x21, 0x7f)));
}
