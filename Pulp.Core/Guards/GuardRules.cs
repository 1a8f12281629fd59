using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Json;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Guards;

/// <summary>What a guard has to be to work. One that can't is refused when it is written, not found out by who is locked out.</summary>
internal static partial class GuardRules
{
    private const int LongestBundle = 1024 * 1024;

    public static KindBehavior Behavior(Type guard, References references) =>
        guard == typeof(CompositeContentGuard) ? Composite(references)
        : guard == typeof(ContentRedirectContentGuard) ? Redirect()
        : new KindBehavior
        {
            AffectsServing = true,
            Validate = (input, _) =>
            {
                if (guard == typeof(HeaderContentGuard))
                {
                    CheckHeader(input);
                }
                else if (typeof(CertificateGuard).IsAssignableFrom(guard))
                {
                    CheckBundle(input);
                }

                return Task.CompletedTask;
            },
        };

    private static KindBehavior Composite(References references) =>
        new()
        {
            AffectsServing = true,
            ExtraMembers = [GuardParts.Member],
            Validate = async (input, cancellationToken) =>
            {
                if (
                    await GuardParts.ReadAsync(input, references, cancellationToken) is { } parts
                    && await GuardParts.FaultAsync(input.Db, parts, input.Key?.Id, cancellationToken) is { } fault
                )
                {
                    input.Errors.Add(GuardParts.Member, fault);
                }
            },
            AfterWrite = async (tx, key, input, cancellationToken) =>
            {
                if (await GuardParts.ReadAsync(input, references, cancellationToken) is { } parts)
                {
                    await GuardParts.StoreAsync(tx, key.Id, parts, cancellationToken);
                }
            },
        };

    private static KindBehavior Redirect() =>
        new()
        {
            AffectsServing = true,
            BeforeWrite = (input, _) =>
            {
                if (input.Key is null)
                {
                    input.Given[input.Kind.FieldOf(nameof(ContentRedirectContentGuard.SharedSecret))] =
                        SignedLinks.NewSecret();
                }

                return Task.CompletedTask;
            },
        };

    private static void CheckHeader(ChangeInput input)
    {
        if (input.Value<string>(nameof(HeaderContentGuard.HeaderName)) is { } name && !HeaderName().IsMatch(name))
        {
            input.Errors.Add("header_name", "Enter the name of an HTTP header.");
        }

        try
        {
            if (input.Value<string>(nameof(HeaderContentGuard.JqFilter)) is { } filter)
            {
                JqFilter.Parse(filter);
            }
        }
        catch (FormatException error)
        {
            input.Errors.Add("jq_filter", error.Message);
        }
    }

    private static void CheckBundle(ChangeInput input)
    {
        if (
            input.Value<string>(nameof(CertificateGuard.CaCertificate)) is { } bundle
            && (bundle.Length > LongestBundle || !HoldsCertificates(bundle))
        )
        {
            input.Errors.Add("ca_certificate", "Must be PEM encoded X.509 certificate.");
        }
    }

    private static bool HoldsCertificates(string bundle)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(bundle);
            return found.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var certificate in found)
            {
                certificate.Dispose();
            }
        }
    }

    /// <summary>A token, as RFC 9110 has it in section 5.6.2.</summary>
    [GeneratedRegex("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    private static partial Regex HeaderName();
}
