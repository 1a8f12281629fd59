using System.Text.RegularExpressions;
using Pulp.Core.Platform.Json;

namespace Pulp.Core.Platform.Settings;

/// <summary>What can't work of the settings for ways to sign in.</summary>
internal static partial class SignInRules
{
    public static void Check(PulpSettings settings, ICollection<string> faults)
    {
        CheckHeader("REMOTE_USER_ENVIRON_NAME", settings.RemoteUserEnvironName, faults);
        CheckHeader("AUTHENTICATION_JSON_HEADER", settings.AuthenticationJsonHeader, faults);
        if (settings.AuthenticationJsonHeader.Length > 0 || settings.AuthenticationJsonHeaderJqFilter.Length > 0)
        {
            CheckFilter(settings.AuthenticationJsonHeaderJqFilter, faults);
        }

        OidcProvider.Parse(settings.OidcProviders, faults);
        LdapSettings.Parse(settings.Ldap, faults);
    }

    /// <summary><c>HTTP_REMOTE_USER</c> to <c>REMOTE-USER</c>; null where there is none.</summary>
    public static string? HeaderOf(string environName) =>
        environName.StartsWith("HTTP_", StringComparison.Ordinal) ? environName[5..].Replace('_', '-') : null;

    private static void CheckHeader(string setting, string name, ICollection<string> faults)
    {
        if (name.Length > 0 && !EnvironName().IsMatch(name))
        {
            faults.Add(
                $"{setting}: '{name}' is not the name of a header as Pulp writes it, such as HTTP_REMOTE_USER for Remote-User."
            );
        }
    }

    private static void CheckFilter(string filter, ICollection<string> faults)
    {
        try
        {
            JqFilter.Parse(filter);
        }
        catch (FormatException error)
        {
            faults.Add($"AUTHENTICATION_JSON_HEADER_JQ_FILTER: {error.Message}");
        }
    }

    [GeneratedRegex("^HTTP(_[A-Z0-9]+)+$")]
    private static partial Regex EnvironName();
}
