using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Actions;

namespace Pulp.Core.Actions;

/// <summary>Documents what an action answers, and sends it.</summary>
internal sealed class ActionAnswering
{
    private readonly ActionAnswers _declared;
    private readonly ResourceKind? _kind;
    private readonly ResourceRegistry _registry;
    private readonly ResourceReader _reader;
    private readonly ResourceStore _store;
    private readonly Database _database;

    private ActionAnswering(
        ActionAnswers declared,
        ResourceKind? kind,
        ResourceReader reader,
        ResourceStore store,
        Database database
    ) =>
        (_declared, _kind, _registry, _reader, _store, _database) = (
            declared,
            kind,
            store.Registry,
            reader,
            store,
            database
        );

    public int Status => _declared.Status;

    public JsonObject Schema =>
        _kind is null
            ? Schemas.Ref(_declared.IsGroup ? "TaskGroupOperationResponse" : "AsyncOperationResponse")
            : Schemas.Ref(_declared.IsResource ? _kind.ReadSchemaName : $"{_kind.SchemaName}Response");

    public static ActionAnswering Of(
        string app,
        ActionAnswers declared,
        ResourceReader reader,
        ResourceStore store,
        Database database
    ) =>
        new(
            declared,
            declared.Record is not { } record ? null
                : declared.IsResource ? store.Registry.For(record)
                : ResourceKind.OfBody(app, record),
            reader,
            store,
            database
        );

    public void Describe(ApiOperations operations)
    {
        if (_kind is { } body && !_declared.IsResource)
        {
            operations.Schema(
                $"{body.SchemaName}Response",
                Schemas.Of(
                    body.Fields.Where(f => f.Shown).Select(f => (f.Name, Schemas.ForOutput(f))),
                    [.. body.Fields.Where(f => f.Required && f.Shown).Select(f => f.Name)]
                )
            );
        }
    }

    /// <exception cref="InvalidOperationException">The action answers something else than it is declared to.</exception>
    public async Task SendAsync(AdmittedRequest request, ActionAnswer answer)
    {
        var response = request.Response;
        switch (answer)
        {
            case ActionAnswer.StartedTask task when _kind is null && !_declared.IsGroup:
                await response.TaskAsync(task.Id);
                return;
            case ActionAnswer.StartedTasks tasks when _declared.IsGroup:
                await response.TaskGroupAsync(tasks.Id);
                return;
            case ActionAnswer.ShownResource shown when _declared.IsResource && _kind is { } kind:
                await SendResourceAsync(request, kind, shown.Id);
                return;
            case ActionAnswer.ShownBody body when _kind?.Record == body.Value.GetType():
                await response.JsonAsync(Status, await JsonAsync(_kind, body.Value, request.WholeReach));
                return;
            default:
                throw new InvalidOperationException(
                    $"{request.Request.Path} answers {answer.GetType().Name}, which isn't what is declared."
                );
        }
    }

    private async Task SendResourceAsync(AdmittedRequest request, ResourceKind kind, Guid id)
    {
        var json =
            await _reader.FindAsync(kind, request.WholeReach, id, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        if (Status == StatusCodes.Status201Created)
        {
            await request.Response.CreatedAsync(await HrefAsync(kind.Record, id, request.WholeReach), json);
        }
        else
        {
            await request.Response.JsonAsync(Status, json);
        }
    }

    /// <summary>The href of a resource, whose kind or parent the database may have to tell.</summary>
    private async Task<string> HrefAsync(Type record, Guid id, Reach reach)
    {
        if (!record.IsAbstract && _registry.For(record) is { Parent: null } kind)
        {
            return kind.Href(reach.Scope, id);
        }

        var found = record.IsAbstract
            ? await _store.FindByMasterAsync(_database, record, reach, id, CancellationToken.None)
            : await _store.FindAsync(_database, _registry.For(record), reach, id, CancellationToken.None);
        return found is PulpResource resource
            ? _registry.Href(reach.Scope, resource)
            : throw new InvalidOperationException($"There is no {record.Name} {id}.");
    }

    /// <summary>The hrefs of what the body's fields refer to.</summary>
    private async Task<Dictionary<Guid, string>> HrefsAsync(ResourceKind body, object value, Reach reach)
    {
        var hrefs = new Dictionary<Guid, string>();
        foreach (var field in body.Fields.Where(f => f.Shown && f.Attribute.References is not null))
        {
            IReadOnlyList<Guid> ids = field.Get(value) switch
            {
                Guid id => [id],
                IReadOnlyList<Guid> many => many,
                _ => [],
            };
            foreach (var id in ids)
            {
                hrefs[id] = await HrefAsync(field.Attribute.References ?? typeof(PulpResource), id, reach);
            }
        }

        return hrefs;
    }

    private async Task<byte[]> JsonAsync(ResourceKind body, object value, Reach reach)
    {
        var hrefs = await HrefsAsync(body, value, reach);
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, WireJson.Writer))
        {
            json.WriteStartObject();
            foreach (var field in body.Fields.Where(f => f.Shown))
            {
                json.WritePropertyName(field.Name);
                Write(json, field, field.Get(value), hrefs);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, FieldDescriptor field, object? value, Dictionary<Guid, string> hrefs)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text when field.Type == FieldType.Json:
                json.WriteRawValue(text);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case DateTimeOffset moment:
                json.WriteStringValue(moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", null));
                break;
            case Guid id:
                json.WriteStringValue(hrefs[id]);
                break;
            case IReadOnlyList<Guid> ids:
                json.WriteStartArray();
                foreach (var id in ids)
                {
                    json.WriteStringValue(hrefs[id]);
                }

                json.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException($"{field.Name} can't be written.");
        }
    }
}
