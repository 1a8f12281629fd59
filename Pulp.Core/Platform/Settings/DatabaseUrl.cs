using Npgsql;

namespace Pulp.Core.Platform.Settings;

/// <summary>Reads the <c>DATABASE</c> setting.</summary>
internal static class DatabaseUrl
{
    public static bool IsPostgres(string url) =>
        url.StartsWith("postgres://", StringComparison.Ordinal)
        || url.StartsWith("postgresql://", StringComparison.Ordinal);

    public static string? Fault(string url)
    {
        if (url.Length == 0)
        {
            return null;
        }

        if (!IsPostgres(url))
        {
            return
                url.Contains("://", StringComparison.Ordinal) && !url.StartsWith("sqlite://", StringComparison.Ordinal)
                ? "must be postgres://user:password@host/name, or the path of an SQLite file."
                : null;
        }

        try
        {
            _ = ToConnectionString(url);
            return null;
        }
        catch (Exception error) when (error is UriFormatException or ArgumentException)
        {
            return $"can't be read: {error.Message}";
        }
    }

    /// <summary>libpq's form to Npgsql's; parameters of the query go through, <c>?host=/run/postgresql</c> among them.</summary>
    public static string ToConnectionString(string url)
    {
        var uri = new Uri(url);
        var builder = new NpgsqlConnectionStringBuilder();
        if (uri.Host.Length > 0)
        {
            builder.Host = uri.Host;
        }

        if (uri.Port > 0)
        {
            builder.Port = uri.Port;
        }

        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length == 2)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        var name = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (name.Length == 0)
        {
            throw new UriFormatException("the name of the database is missing.");
        }

        builder.Database = name;
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var key = parts[0] == "sslmode" ? "SSL Mode" : parts[0];
            builder[key] = Uri.UnescapeDataString(parts.Length == 2 ? parts[1] : "");
        }

        return builder.ToString();
    }
}
