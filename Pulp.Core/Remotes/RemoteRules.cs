using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Remotes;

/// <summary>What a remote's address and credentials may be.</summary>
internal static class RemoteRules
{
    public static void CheckUrl(string? url, PulpSettings settings, ValidationErrors errors)
    {
        if (url is null || errors.Has("url"))
        {
            return;
        }

        if (url.Any(char.IsWhiteSpace) || url.Any(char.IsControl))
        {
            errors.Add("url", "The remote url may not contain whitespace or control characters.");
            return;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            errors.Add("url", $"The remote url is not valid: '{FilterInput.Shorten(url)}'.");
            return;
        }

        switch (uri.Scheme)
        {
            case "http" or "https":
                if (uri.UserInfo.Length > 0)
                {
                    errors.Add("url", "The remote url may not contain credentials; use 'username' and 'password'.");
                }

                break;
            case "file":
                if (ImportPaths.Resolve(uri, settings.AllowedImportPaths) is null)
                {
                    errors.Add("url", $"url '{FilterInput.Shorten(url)}' is not an allowed import path");
                }

                break;
            default:
                errors.Add("url", "The remote url must use http://, https:// or file://.");
                break;
        }
    }

    public static void CheckProxy(ChangeInput input)
    {
        var url = input.Value<string>(nameof(Remote.ProxyUrl));
        var user = input.Value<string>(nameof(Remote.ProxyUsername));
        var password = input.Value<string>(nameof(Remote.ProxyPassword));
        if (url is not null)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https" or "socks5"))
            {
                input.Errors.Add("proxy_url", "Enter a valid URL.");
            }
            else if (uri.UserInfo.Length > 0)
            {
                input.Errors.Add("proxy_url", "proxy_url must not contain credentials");
            }
        }

        if ((user is null) != (password is null))
        {
            input.Errors.Add(
                user is null ? "proxy_username" : "proxy_password",
                "proxy_username and proxy_password must be specified together"
            );
        }

        if (user is not null && url is null)
        {
            input.Errors.Add("proxy_url", "proxy_url must be specified if proxy credentials are specified");
        }

        if (
            (input.Value<string>(nameof(Remote.Username)) is null)
            != (input.Value<string>(nameof(Remote.Password)) is null)
        )
        {
            input.Errors.Add("Both username and password must be set or unset together.");
        }
    }

    /// <summary>Certificates are parsed. Keys aren't: whether one fits its certificate is known when it is used.</summary>
    public static void CheckCertificates(ChangeInput input)
    {
        Check(input, "ca_cert", nameof(Remote.CaCert));
        Check(input, "client_cert", nameof(Remote.ClientCert));
    }

    private static void Check(ChangeInput input, string name, string property)
    {
        if (input.Value<string>(property) is not { } pem || input.Errors.Has(name))
        {
            return;
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            if (certificates.Count == 0)
            {
                input.Errors.Add(name, "Must be a PEM encoded certificate.");
            }
        }
        catch (CryptographicException)
        {
            input.Errors.Add(name, "Must be a PEM encoded certificate.");
        }
    }
}
