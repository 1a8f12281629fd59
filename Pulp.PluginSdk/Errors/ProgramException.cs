namespace Pulp.PluginSdk.Errors;

/// <summary>A program or script that was run didn't do what it should: the message says which and why.</summary>
/// <param name="message">A sentence for the user.</param>
/// <param name="inner">What caused it, for the log.</param>
public sealed class ProgramException(string message, Exception? inner = null) : PulpException(message, inner)
{
    /// <inheritdoc />
    public override string Code => "PLP0509";

    /// <inheritdoc />
    public override int Status => 500;
}
