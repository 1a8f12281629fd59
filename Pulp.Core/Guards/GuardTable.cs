using System.Collections.Frozen;
using System.Security.Cryptography;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Guards;

/// <summary>Reads the guards, to be kept in memory together with the distributions that name them.</summary>
internal sealed partial class GuardTable(
    Database database,
    ResourceStore store,
    DomainDirectory domains,
    GuardChecks checks,
    ILogger<GuardTable> logger
)
{
    private static readonly string Master = MasterTables.Of(typeof(ContentGuard));

    /// <summary>All guards. Those that are what they were stay the same objects, so that what is remembered for them holds.</summary>
    /// <param name="old">As they were read last.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FrozenDictionary<Guid, ServedGuard>> LoadAsync(
        FrozenDictionary<Guid, ServedGuard> old,
        CancellationToken cancellationToken
    )
    {
        var records = new Dictionary<Guid, ContentGuard>();
        var types = await database.QueryAsync<string>(
            $"select distinct pulp_type from {Sql.Name(Master)}",
            cancellationToken
        );
        foreach (var type in types)
        {
            if (store.Registry.TryType(Master, type, out var kind))
            {
                await ReadAsync(kind, records, cancellationToken);
            }
        }

        var parts = await database.QueryAsync<PartRow>(
            $"select composite_id, guard_id from core_compositecontentguard_guards order by composite_id, position",
            cancellationToken
        );
        var scopes = await ScopesAsync(cancellationToken);
        return new Assembly(
            records,
            parts.ToLookup(p => p.CompositeId, p => p.GuardId),
            old,
            (record, asked) => Make(scopes.GetValueOrDefault(record.PulpId, domains.Default), record, asked)
        ).All();
    }

    private async Task ReadAsync(
        ResourceKind kind,
        Dictionary<Guid, ContentGuard> records,
        CancellationToken cancellationToken
    )
    {
        var mapper = store.Mapper(kind);
        await database.ReadRowsAsync(
            $"select {Sql.Name(mapper.Columns)} from {kind.From}",
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token))
                {
                    try
                    {
                        var record = (ContentGuard)mapper.Read(reader);
                        records[record.PulpId] = record;
                    }
                    catch (CryptographicException error)
                    {
                        // A guard that can't be read can't be asked either; the others can.
                        LogUnreadable(kind.ModelName, error.Message);
                    }
                }
            },
            cancellationToken
        );
    }

    /// <summary>The domains of the guards.</summary>
    private async Task<Dictionary<Guid, DomainScope>> ScopesAsync(CancellationToken cancellationToken)
    {
        var known = await domains.CurrentAsync(cancellationToken);
        var rows = await database.QueryAsync<DomainRow>(
            $"select pulp_id, pulp_domain_id from {Sql.Name(Master)}",
            cancellationToken
        );
        return rows.ToDictionary(r => r.PulpId, r => known.ById.GetValueOrDefault(r.PulpDomainId, domains.Default));
    }

    private ServedGuard Make(DomainScope domain, ContentGuard record, IReadOnlyList<ServedGuard> parts) =>
        new(record, store.Registry.Href(domain, record), checks.Find(record.GetType()), parts);

    private sealed record DomainRow
    {
        public Guid PulpId { get; init; }

        public Guid PulpDomainId { get; init; }
    }

    private sealed record PartRow
    {
        public Guid CompositeId { get; init; }

        public Guid GuardId { get; init; }
    }

    /// <summary>Puts guards together with those that they ask.</summary>
    private sealed class Assembly(
        Dictionary<Guid, ContentGuard> records,
        ILookup<Guid, Guid> parts,
        FrozenDictionary<Guid, ServedGuard> old,
        Func<ContentGuard, IReadOnlyList<ServedGuard>, ServedGuard> make
    )
    {
        private readonly Dictionary<Guid, ServedGuard> _made = [];

        public FrozenDictionary<Guid, ServedGuard> All()
        {
            foreach (var (id, record) in records.Where(r => r.Value is not CompositeContentGuard))
            {
                _made[id] = KeptOrNew(record, []);
            }

            foreach (var (id, record) in records.Where(r => r.Value is CompositeContentGuard))
            {
                _made[id] = KeptOrNew(record, Asked(id));
            }

            return _made.ToFrozenDictionary();
        }

        /// <summary>
        /// The guards that a composite asks, itself and through others, in their order and each once. The first that lets in is enough
        /// at every level, so nobody needs the levels; and nobody limits how many there are, so that this doesn't call itself.
        /// </summary>
        private List<ServedGuard> Asked(Guid composite)
        {
            var (asked, seen) = (new List<ServedGuard>(), new HashSet<Guid> { composite });
            var next = new Stack<Guid>(parts[composite].Reverse());
            while (seen.Count <= GuardParts.MostAsked && next.TryPop(out var id))
            {
                if (!seen.Add(id) || !records.TryGetValue(id, out var record))
                {
                    continue;
                }

                if (record is not CompositeContentGuard)
                {
                    asked.Add(_made[id]);
                    continue;
                }

                foreach (var part in parts[id].Reverse())
                {
                    next.Push(part);
                }
            }

            return asked;
        }

        private ServedGuard KeptOrNew(ContentGuard record, IReadOnlyList<ServedGuard> asked) =>
            old.GetValueOrDefault(record.PulpId) is { } known
            && known.Record == record
            && known.Parts.SequenceEqual(asked)
                ? known
                : make(record, asked);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A {Kind} can't be read, and lets nobody in: {Reason}")]
    private partial void LogUnreadable(string kind, string reason);
}
