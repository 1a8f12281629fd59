using System.Data.Common;
using Dapper;

namespace Pulp.Core.Platform.Data;

/// <summary>A statement ready for a command.</summary>
internal sealed class RenderedSql(Dialect dialect, string text, IReadOnlyList<object?> values)
    : SqlMapper.IDynamicParameters
{
    private const int FewValues = 100;
    private const int ShortText = 8 * 1024;

    public string Text { get; } = text;

    /// <summary>True when it carries so much that running it takes longer than preparing it, and keeping that takes memory.</summary>
    public bool IsLarge { get; } =
        values.Any(v =>
            v switch
            {
                string text => text.Length > ShortText,
                byte[] bytes => bytes.Length > ShortText,
                JsonText json => json.Json.Length > ShortText,
                System.Collections.ICollection list => list.Count > FewValues,
                _ => false,
            }
        );

    /// <summary>A command on the lent connection, with the statement and its values.</summary>
    public DbCommand CommandOn(ConnectionLease lease)
    {
        var command = lease.Connection.CreateCommand();
        command.Transaction = lease.Transaction;
#pragma warning disable CA2100 // Rendered from SqlText: values are parameters
        command.CommandText = Text;
#pragma warning restore CA2100
        AddTo(command.Parameters, command.CreateParameter);
        return command;
    }

    public void AddTo(DbParameterCollection parameters, Func<DbParameter> create)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var parameter = create();
            parameter.ParameterName = Dialect.NameOf(i);
            dialect.SetValue(parameter, values[i]);
            parameters.Add(parameter);
        }
    }

    /// <summary>Gives a command that has the parameters already their values.</summary>
    public void SetOn(DbCommand command)
    {
        for (var i = 0; i < values.Count; i++)
        {
            dialect.SetValue(command.Parameters[i], values[i]);
        }
    }

    void SqlMapper.IDynamicParameters.AddParameters(System.Data.IDbCommand command, SqlMapper.Identity identity) =>
        AddTo(((DbCommand)command).Parameters, ((DbCommand)command).CreateParameter);
}
