namespace Pulp.Core.Platform.Resources;

/// <summary>Something is declared that can't be: a fault of Core or of a plugin, which the start tells in a line.</summary>
internal sealed class DeclarationException(string message) : Exception(message);
