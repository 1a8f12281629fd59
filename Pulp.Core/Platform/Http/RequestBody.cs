using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Pulp.Core.Access;

namespace Pulp.Core.Platform.Http;

/// <summary>A request's members, whether they came as JSON or as a form. Files are in temporary storage until disposed.</summary>
internal sealed class RequestBody : IAsyncDisposable
{
    private static readonly JsonDocumentOptions JsonLimits = new() { MaxDepth = 64 };
    private readonly Dictionary<string, BodyValue> _values = new(StringComparer.Ordinal);
    private JsonDocument? _document;
    private MultipartForm? _parts;
    private bool _isForm;

    private RequestBody() { }

    public IEnumerable<string> Names => _parts is null ? _values.Keys : _values.Keys.Concat(_parts.Files.Keys);

    /// <summary>No members at all, for what is made without a request.</summary>
    public static RequestBody Empty => new();

    public bool TryGet(string name, [NotNullWhen(true)] out BodyValue? value) => _values.TryGetValue(name, out value);

    public ReceivedFile? File(string name) => _parts?.Files.GetValueOrDefault(name);

    /// <summary>What the client calls a file, without directories; null where it doesn't say.</summary>
    public string? FileName(string name) => _parts?.FileNames.GetValueOrDefault(name);

    /// <summary>Its members for a task's arguments.</summary>
    public StoredBody ToStored() =>
        new(
            JsonSerializer.Serialize(
                _values.ToDictionary(v => v.Key, v => v.Value.Element),
                Resources.WireJson.Options
            ),
            _isForm
        );

    /// <summary>From what this server stored itself.</summary>
    public static RequestBody From(StoredBody stored)
    {
        var body = new RequestBody { _isForm = stored.IsForm };
        body.ReadObject(JsonDocument.Parse(stored.Json, JsonLimits));
        return body;
    }

    /// <param name="admitted">The request.</param>
    /// <param name="files">Takes its files; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="texts">Names of members that are texts also where they come as files.</param>
    /// <exception cref="BadRequestException">The body can't be read.</exception>
    /// <exception cref="UnsupportedMediaTypeException">It is neither JSON nor a form.</exception>
    /// <exception cref="ForbiddenException">With this the request may not go on.</exception>
    public static async Task<RequestBody> ReadAsync(
        AdmittedRequest admitted,
        IFileReceiver? files,
        CancellationToken cancellationToken,
        IReadOnlyCollection<string>? texts = null
    )
    {
        var request = admitted.Request;
        var body = new RequestBody();
        try
        {
            if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            {
                if (request.ContentLength is null or 0 && request.ContentType is null)
                {
                    await admitted.EnsureAllowedAsync(body);
                    return body;
                }

                throw new UnsupportedMediaTypeException(request.ContentType ?? "");
            }

            switch (type.MediaType.Value?.ToLowerInvariant())
            {
                case "application/json":
                    await body.ReadJsonAsync(request, new ClientStream(request.Body), cancellationToken);
                    break;
                case "application/x-www-form-urlencoded":
                    await body.ReadFormAsync(new ClientStream(request.Body), cancellationToken);
                    break;
                case "multipart/form-data":
                    body._parts = new MultipartForm(files, texts ?? []);
                    await body.ReadPartsAsync(body._parts, request, type, cancellationToken);
                    break;
                default:
                    throw new UnsupportedMediaTypeException(type.MediaType.Value ?? "");
            }

            body.RefuseUnstorable();
            await admitted.EnsureAllowedAsync(body);
            return body;
        }
        catch (Exception error)
        {
            await body.DisposeAsync();
            if (error is InvalidDataException)
            {
                throw new BadRequestException($"Malformed request. {error.Message}");
            }

            throw;
        }
    }

    private async Task ReadJsonAsync(HttpRequest request, Stream sent, CancellationToken cancellationToken)
    {
        try
        {
            if (request.ContentLength == 0)
            {
                return;
            }

            ReadObject(await JsonDocument.ParseAsync(sent, JsonLimits, cancellationToken));
        }
        catch (JsonException error)
        {
            throw new BadRequestException(
                $"JSON parse error - line {(error.LineNumber ?? 0) + 1} column {(error.BytePositionInLine ?? 0) + 1}"
            );
        }
    }

    private void ReadObject(JsonDocument document)
    {
        _document = document;
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                $"Invalid data. Expected a dictionary, but got {BodyValue.TypeOf(document.RootElement)}."
            );
        }

        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (BodyValue.NameFault(member) is { } fault)
            {
                throw new BadRequestException($"JSON parse error - {fault}");
            }

            _values[member.Name] = new BodyValue(member.Value) { IsForm = _isForm };
        }
    }

    /// <summary>Refuses what no field can hold, here and not in each of the places that read members.</summary>
    private void RefuseUnstorable()
    {
        var errors = new ValidationErrors();
        foreach (var (name, value) in _values)
        {
            if ((Resources.TextRules.Fault(name) ?? Resources.JsonField.Fault(value.Element)) is { } fault)
            {
                errors.Add(Resources.FilterInput.Shorten(name), fault);
            }
        }

        errors.ThrowIfAny();
    }

    private async Task ReadFormAsync(Stream sent, CancellationToken cancellationToken)
    {
        _isForm = true;
        using var reader = new FormReader(sent)
        {
            ValueCountLimit = MultipartForm.MaxFields,
            ValueLengthLimit = MultipartForm.MaxBytes,
        };
        foreach (var (name, values) in await reader.ReadFormAsync(cancellationToken))
        {
            _values[name] = BodyValue.FromForm([.. values.OfType<string>()]);
        }
    }

    private async Task ReadPartsAsync(
        MultipartForm parts,
        HttpRequest request,
        MediaTypeHeaderValue type,
        CancellationToken cancellationToken
    )
    {
        _isForm = true;
        foreach (var (name, values) in await parts.ReadAsync(request, type, cancellationToken))
        {
            _values[name] = BodyValue.FromForm(values);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_parts is not null)
        {
            await _parts.DisposeAsync();
        }

        _document?.Dispose();
    }
}
