using System.Security.Cryptography;
using System.Text;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Memory;

namespace Pulp.Core.Platform.Resources;

/// <summary>How many rows somebody sees of kinds that take long to count: remembered until something has changed.</summary>
internal sealed class SeenCounts
{
    /// <summary>A page is put together from as many places at most.</summary>
    private const int MostPlaces = 16;

    private readonly Database _database;
    private RecentlyUsed<string, SeenCount> _known = NewTable();

    public SeenCounts(Database database)
    {
        _database = database;
        // PostgreSQL may have crashed, and count changes anew that were counted already.
        database.Signals.Subscribe(
            ServingChanges.Channel,
            payload =>
            {
                if (payload.Length == 0 && database.IsPostgres)
                {
                    Volatile.Write(ref _known, NewTable());
                }
            }
        );
    }

    private static RecentlyUsed<string, SeenCount> NewTable() => new(capacity: 2_000);

    /// <summary>The number as it was when it was counted; null where nothing is remembered.</summary>
    public SeenCount? Remembered(SeenKeys keys) => Volatile.Read(ref _known).Find(KeyOf(keys));

    /// <summary>The number as it is now.</summary>
    public async ValueTask<SeenCount> FindAsync(SeenKeys keys, SqlText stamp, CancellationToken cancellationToken)
    {
        var remembered = Volatile.Read(ref _known);
        var key = KeyOf(keys);
        if (
            remembered.Find(key) is { } known
            && known.Stamp == await _database.FirstOrDefaultAsync<string>(stamp, cancellationToken)
        )
        {
            return known;
        }

        // In one statement, which sees one state. What changes before the places are read makes the number a new one.
        var counted =
            await _database.FirstOrDefaultAsync<SeenCount>(
                $"select ({stamp}) as stamp, cast(({keys.Count}) as bigint) as count",
                cancellationToken
            ) ?? throw new InvalidOperationException("Counting answers a row.");
        if (keys.Places is { } places)
        {
            var found = await _database.QueryAsync<Guid>(
                $"select place from ({places.All}) places limit {Sql.Literal(MostPlaces + 1)}",
                cancellationToken
            );
            counted.Places = found.Count <= MostPlaces ? found : null;
        }

        remembered.Put(key, counted);
        return counted;
    }

    /// <summary>Shortened: a statement names all groups that somebody is in.</summary>
    private static string KeyOf(SeenKeys keys) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(keys.Count.Fingerprint())));
}

/// <summary>How many rows somebody sees.</summary>
internal sealed class SeenCount
{
    public string Stamp { get; init; } = "";

    public long Count { get; init; }

    /// <summary>The places of the keys; null where there are too many.</summary>
    public IReadOnlyList<Guid>? Places { get; set; }

    /// <summary>Whether too few of the newest rows are among them for a page to be found there.</summary>
    public bool IsRare { get; set; }
}
