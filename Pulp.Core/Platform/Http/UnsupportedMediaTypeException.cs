namespace Pulp.Core.Platform.Http;

/// <summary>The body is of a type nobody reads here.</summary>
internal sealed class UnsupportedMediaTypeException(string type)
    : PulpException($"Unsupported media type \"{type}\" in request.")
{
    public override string Code => "PLP0415";

    public override int Status => 415;
}
