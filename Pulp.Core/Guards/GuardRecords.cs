namespace Pulp.Core.Guards;

/// <summary>Lets those in who hold the permission to download on it. Pulp's name for it is part of the API.</summary>
internal sealed record RBACContentGuard : ContentGuard;

/// <summary>Lets those in who send a header with a value.</summary>
internal sealed record HeaderContentGuard : ContentGuard
{
    [Field("The header name the guard will check on.")]
    public required string HeaderName { get; init; }

    [Field("The value that will authorize the request.")]
    public required string HeaderValue { get; init; }

    [Field(
        "A filter in the syntax of jq. The header's decoded value has to be JSON then, and the first output equal to header_value; without one the decoded value itself."
    )]
    public string? JqFilter { get; init; }
}

/// <summary>Lets those in whom one of other guards lets in.</summary>
internal sealed record CompositeContentGuard : ContentGuard;

/// <summary>Lets those in whom the server sent there by a signed link.</summary>
internal sealed record ContentRedirectContentGuard : ContentGuard
{
    /// <summary>The key of its links, in hexadecimal.</summary>
    [Field("The key of its links.", Internal = true, Secret = true)]
    public string SharedSecret { get; init; } = "";
}

/// <summary>A guard that asks for a client's certificate.</summary>
internal abstract record CertificateGuard : ContentGuard
{
    [Field(
        "A Certificate Authority (CA) certificate (or a bundle thereof) used to verify client-certificate authenticity."
    )]
    public required string CaCertificate { get; init; }
}

/// <summary>Lets those in who have a certificate of an authority.</summary>
internal sealed record X509CertGuard : CertificateGuard;

/// <summary>Lets those in who have an entitlement to the path: a certificate of Red Hat's subscription management.</summary>
internal sealed record RHSMCertGuard : CertificateGuard;
