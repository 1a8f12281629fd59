namespace Pulp.Core.Repositories;

/// <summary>Statements that change a version and can be sent together with others.</summary>
/// <param name="Statements">The statements.</param>
/// <param name="Answers">How many of them answer rows.</param>
/// <param name="Read">Reads those answers; throws where the version can't be changed so.</param>
internal sealed record VersionStep(
    IReadOnlyList<SqlText> Statements,
    int Answers,
    Action<IReadOnlyList<IReadOnlyList<object?[]>>> Read
);
