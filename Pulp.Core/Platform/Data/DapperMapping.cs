using System.Data;
using System.Globalization;
using Dapper;

namespace Pulp.Core.Platform.Data;

/// <summary>Teaches Dapper the types that SQLite keeps as text or numbers.</summary>
internal static class DapperMapping
{
    private static readonly Lock Once = new();
    private static bool s_done;

    public static void Register()
    {
        lock (Once)
        {
            if (s_done)
            {
                return;
            }

            DefaultTypeMap.MatchNamesWithUnderscores = true;
            Replace(new GuidHandler());
            Replace(new MomentHandler());
            Replace(new FlagHandler());
            s_done = true;
        }
    }

    private static void Replace<T>(SqlMapper.TypeHandler<T> handler)
        where T : struct
    {
        SqlMapper.RemoveTypeMap(typeof(T));
        SqlMapper.RemoveTypeMap(typeof(T?));
        SqlMapper.AddTypeHandler(handler);
    }

    private sealed class GuidHandler : SqlMapper.TypeHandler<Guid>
    {
        public override Guid Parse(object value) => value as Guid? ?? Guid.Parse((string)value);

        public override void SetValue(IDbDataParameter parameter, Guid value) => parameter.Value = value;
    }

    private sealed class MomentHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) =>
            value switch
            {
                DateTimeOffset moment => moment,
                DateTime moment => new DateTimeOffset(DateTime.SpecifyKind(moment, DateTimeKind.Utc)),
                _ => DateTimeOffset.Parse((string)value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            };

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => parameter.Value = value;
    }

    private sealed class FlagHandler : SqlMapper.TypeHandler<bool>
    {
        public override bool Parse(object value) =>
            value as bool? ?? Convert.ToInt64(value, CultureInfo.InvariantCulture) != 0;

        public override void SetValue(IDbDataParameter parameter, bool value) => parameter.Value = value;
    }
}
