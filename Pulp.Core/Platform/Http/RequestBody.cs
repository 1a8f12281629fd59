using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Pulp.Core.Access;

namespace Pulp.Core.Platform.Http;

/// <summary>A request's members, whether they came as JSON or as a form. Files are in temporary storage until disposed.</summary>
internal sealed class RequestBody : IAsyncDisposable
{
    private const int MaxFormFields = 10_000;
    private const int MaxFormBytes = 32 * 1024 * 1024;
    private static readonly JsonDocumentOptions JsonLimits = new() { MaxDepth = 64 };
    private readonly Dictionary<string, BodyValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReceivedFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fileNames = new(StringComparer.Ordinal);
    private JsonDocument? _document;
    private IReadOnlyCollection<string> _texts = [];
    private bool _isForm;

    private RequestBody() { }

    public IEnumerable<string> Names => _values.Keys.Concat(_files.Keys);

    /// <summary>No members at all, for what is made without a request.</summary>
    public static RequestBody Empty => new();

    public bool TryGet(string name, [NotNullWhen(true)] out BodyValue? value) => _values.TryGetValue(name, out value);

    public ReceivedFile? File(string name) => _files.GetValueOrDefault(name);

    /// <summary>What the client calls a file, without directories; null where it doesn't say.</summary>
    public string? FileName(string name) => _fileNames.GetValueOrDefault(name);

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
        var body = new RequestBody { _texts = texts ?? [] };
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
                    await body.ReadMultipartAsync(new ClientStream(request.Body), type, files, cancellationToken);
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
        using var reader = new FormReader(sent) { ValueCountLimit = MaxFormFields, ValueLengthLimit = MaxFormBytes };
        foreach (var (name, values) in await reader.ReadFormAsync(cancellationToken))
        {
            _values[name] = BodyValue.FromForm([.. values.OfType<string>()]);
        }
    }

    private async Task ReadMultipartAsync(
        Stream sent,
        MediaTypeHeaderValue type,
        IFileReceiver? files,
        CancellationToken cancellationToken
    )
    {
        _isForm = true;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 200)
        {
            throw new BadRequestException("Multipart form parse error - Invalid boundary in multipart.");
        }

        var texts = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var left = MaxFormBytes;
        var reader = new MultipartReader(boundary, sent);
        while (await NextAsync(reader, cancellationToken) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).Value;
            if (disposition is null || string.IsNullOrEmpty(name))
            {
                throw new BadRequestException("Multipart form parse error - A part has no name.");
            }

            if (disposition.IsFileDisposition() && !_texts.Contains(name))
            {
                await ReceiveAsync(name, section, files, cancellationToken);
                NoteFileName(name, disposition);
                continue;
            }

            var text = await ReadTextAsync(new ClientStream(section.Body), left, cancellationToken);
            left -= text.Length;
            if (!texts.TryGetValue(name, out var list))
            {
                texts[name] = list = [];
            }

            list.Add(text);
            if (texts.Count + list.Count > MaxFormFields)
            {
                throw new BadRequestException("Multipart form parse error - Too many fields.");
            }
        }

        foreach (var (name, values) in texts)
        {
            _values[name] = BodyValue.FromForm(values);
        }
    }

    // Skips what is left of the section before it.
    private static ValueTask<MultipartSection?> NextAsync(
        MultipartReader reader,
        CancellationToken cancellationToken
    ) => ClientStream.ReadAsync(async () => await reader.ReadNextSectionAsync(cancellationToken));

    private async Task ReceiveAsync(
        string name,
        MultipartSection section,
        IFileReceiver? files,
        CancellationToken cancellationToken
    )
    {
        if (files is null || _files.ContainsKey(name))
        {
            throw new ValidationException(name, "Unexpected file.");
        }

        _files[name] = await files.ReceiveAsync(new ClientStream(section.Body), cancellationToken);
    }

    private void NoteFileName(string name, ContentDispositionHeaderValue disposition)
    {
        var given = disposition.FileNameStar.HasValue
            ? disposition.FileNameStar
            : HeaderUtilities.RemoveQuotes(disposition.FileName);
        var file = (given.Value ?? "").Split('/', '\\')[^1];
        if (file.Length > 0 && Resources.TextRules.Fault(file) is null)
        {
            _fileNames[name] = file;
        }
    }

    private static async Task<string> ReadTextAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > limit)
            {
                throw new BadRequestException("Multipart form parse error - The fields are too large.");
            }

            await buffer.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _files.Values)
        {
            await file.DisposeAsync();
        }

        _document?.Dispose();
    }
}

/// <summary>The body is of a type nobody reads here.</summary>
internal sealed class UnsupportedMediaTypeException(string type)
    : PulpException($"Unsupported media type \"{type}\" in request.")
{
    public override string Code => "PLP0415";

    public override int Status => 415;
}
