using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>Some tables that every database has to do alike with.</summary>
public abstract class SampleTables(Engine engine) : DatabaseFixture(engine)
{
    private protected static readonly BulkColumn[] Columns =
    [
        new("pulp_id", ColumnType.Uuid),
        new("name", ColumnType.Text),
        new("number", ColumnType.BigInteger),
    ];

    [SetUp]
    public async Task CreateTablesAsync()
    {
        var schema = new SchemaBuilder();
        schema
            .CreateTable("sample")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("name", ColumnType.Text)
            .WithColumn("number", ColumnType.BigInteger, c => c.Nullable());
        schema.CreateIndex("sample_name", "sample", "name", unique: true);
        schema
            .CreateTable("sample_child")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("sample_id", ColumnType.Uuid, c => c.References("sample"));
        schema
            .CreateTable("sample_values")
            .WithColumn("a_text", ColumnType.Text)
            .WithColumn("an_integer", ColumnType.Integer)
            .WithColumn("a_number", ColumnType.BigInteger)
            .WithColumn("a_double", ColumnType.Double)
            .WithColumn("a_flag", ColumnType.Boolean)
            .WithColumn("a_moment", ColumnType.Timestamp)
            .WithColumn("an_id", ColumnType.Uuid)
            .WithColumn("a_document", ColumnType.Json)
            .WithColumn("some_bytes", ColumnType.Binary);
        foreach (var statement in schema.Statements)
        {
            await Database.ExecuteAsync(statement, default);
        }
    }

    protected static Guid Id(int number) => new($"00000000-0000-0000-0000-{number:D12}");

    protected static object?[] Row(int number) => [Id(number), $"n{number}", (long)number];

    private protected static Task<int> AddAsync(IDb db, int number) =>
        db.ExecuteAsync(
            $"insert into sample (pulp_id, name, number) values ({Id(number)}, {$"n{number}"}, {(long)number})",
            default
        );

    private protected Task<IReadOnlyList<string>> NamesAsync() =>
        Database.QueryAsync<string>($"select name from sample order by name", default);

    private protected (bool Unique, bool Foreign, bool Refused) Kinds(Exception? error) =>
        error is null
            ? default
            : (
                Database.Dialect.IsUniqueViolation(error),
                Database.Dialect.IsForeignKeyViolation(error),
                Database.Dialect.IsRefused(error)
            );
}
