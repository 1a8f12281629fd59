using System.Security.Cryptography;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;

namespace Pulp.Host.Commands;

/// <summary>A password that the server makes, and how its operator learns of it.</summary>
internal static class GeneratedPassword
{
    private const int Length = 20;

    /// <summary>Without characters that are taken for others.</summary>
    private const string Characters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    public static string Make() => RandomNumberGenerator.GetString(Characters, Length);

    /// <summary>
    /// Keeps it in a file that only its owner may read, and answers what to say of it. The password itself is said on a terminal
    /// only: elsewhere output ends in a journal or a build's log, which others read and which are kept.
    /// </summary>
    public static string Keep(PulpSettings settings, string username, string password)
    {
        var path = Path.Combine(settings.DataDir, Uri.EscapeDataString(username) + "-password");
        File.Delete(path);
        PrivateFiles.TryCreate(path, password);
        return Console.IsOutputRedirected
            ? $"is in {path}, which only its owner may read"
            : $"is {password} (also in {path})";
    }
}
