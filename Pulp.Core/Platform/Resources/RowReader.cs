using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pulp.Core.Platform.Resources;

/// <summary>
/// A row of either database, read in the wire's types. SQLite's columns are read as they lie in its own memory: text is UTF-8 there
/// and on the wire, so that a list's text never becomes a string.
/// </summary>
internal readonly struct RowReader(DbDataReader reader, DomainScope domain)
{
    private const int MaxStack = 512;
    private readonly sqlite3_stmt? _sqlite = (reader as SqliteDataReader)?.Handle;

    /// <summary>The domain that the rows are of, for their hrefs.</summary>
    public DomainScope Domain => domain;

    public bool IsNull(int at) =>
        _sqlite is null ? reader.IsDBNull(at) : raw.sqlite3_column_type(_sqlite, at) == raw.SQLITE_NULL;

    public string Text(int at) => _sqlite is null ? reader.GetString(at) : Encoding.UTF8.GetString(Utf8(at));

    public long Integer(int at) => _sqlite is null ? reader.GetInt64(at) : raw.sqlite3_column_int64(_sqlite, at);

    public double Number(int at) => _sqlite is null ? reader.GetDouble(at) : raw.sqlite3_column_double(_sqlite, at);

    public bool Flag(int at) => _sqlite is null ? reader.GetBoolean(at) : Integer(at) != 0;

    public Guid Id(int at) => _sqlite is null ? reader.GetGuid(at) : Guid.Parse(Utf8(at), CultureInfo.InvariantCulture);

    public DateTimeOffset Moment(int at) =>
        _sqlite is null
            ? new DateTimeOffset(reader.GetDateTime(at), TimeSpan.Zero)
            : DateTimeOffset.Parse(reader.GetString(at), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public void WriteText(Utf8JsonWriter json, int at)
    {
        if (_sqlite is null)
        {
            json.WriteStringValue(reader.GetString(at));
        }
        else
        {
            json.WriteStringValue(Utf8(at));
        }
    }

    /// <summary>Writes a column that holds JSON.</summary>
    public void WriteJson(Utf8JsonWriter json, int at)
    {
        if (_sqlite is null)
        {
            json.WriteRawValue(reader.GetString(at), skipInputValidation: true);
        }
        else
        {
            json.WriteRawValue(Utf8(at), skipInputValidation: true);
        }
    }

    public void WriteMoment(Utf8JsonWriter json, int at)
    {
        if (_sqlite is null)
        {
            // The round-trip format has a way of its own through the formatter; its seventh digit is always 0 here.
            Span<byte> text = stackalloc byte[28];
            reader.GetDateTime(at).TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
            text[26] = (byte)'Z';
            json.WriteStringValue(text[..27]);
        }
        else
        {
            json.WriteStringValue(Utf8(at));
        }
    }

    /// <summary>Writes the href of something in the domain: its root, the path, the id and a slash.</summary>
    public void WriteHref(Utf8JsonWriter json, int at, string path) => WriteName(json, at, domain.Root, path, "/");

    /// <summary>Writes <c>prefix + path + id + suffix</c>, which are ASCII.</summary>
    public void WriteName(Utf8JsonWriter json, int at, string prefix, string path, string suffix)
    {
        var before = prefix.Length + path.Length;
        var length = before + 36 + suffix.Length;
        Span<byte> text = length <= MaxStack ? stackalloc byte[length] : new byte[length];
        Encoding.ASCII.GetBytes(prefix, text);
        Encoding.ASCII.GetBytes(path, text[prefix.Length..]);
        if (_sqlite is null)
        {
            reader.GetGuid(at).TryFormat(text[before..], out _);
        }
        else
        {
            Utf8(at).CopyTo(text[before..]);
        }

        Encoding.ASCII.GetBytes(suffix, text[(before + 36)..]);
        json.WriteStringValue(text);
    }

    // Valid until the next row; asking for the blob of a text gives its bytes without a conversion.
    private ReadOnlySpan<byte> Utf8(int at) => raw.sqlite3_column_blob(_sqlite, at);
}
