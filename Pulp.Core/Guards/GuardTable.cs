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
        private readonly Dictionary<Guid, ServedGuard?> _made = [];

        public FrozenDictionary<Guid, ServedGuard> All()
        {
            foreach (var id in records.Keys)
            {
                Make(id);
            }

            return _made
                .Where(m => m.Value is not null)
                .ToFrozenDictionary(m => m.Key, m => m.Value ?? throw new InvalidOperationException());
        }

        /// <summary>Null for one that isn't there, or is being made: two that ask each other get no further by it.</summary>
        private ServedGuard? Make(Guid id)
        {
            if (_made.TryGetValue(id, out var made) || !records.TryGetValue(id, out var record))
            {
                return made;
            }

            _made[id] = null;
            IReadOnlyList<ServedGuard> asked = [.. parts[id].Select(Make).OfType<ServedGuard>()];
            var same =
                old.GetValueOrDefault(id) is { } known && known.Record == record && known.Parts.SequenceEqual(asked);
            return _made[id] = same ? old[id] : make(record, asked);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A {Kind} can't be read, and lets nobody in: {Reason}")]
    private partial void LogUnreadable(string kind, string reason);
}
