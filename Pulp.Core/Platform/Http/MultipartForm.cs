using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Pulp.Core.Platform.Http;

/// <summary>The parts of a form of several. Its files are in temporary storage until it is disposed, also where reading broke off.</summary>
/// <param name="files">Takes the files; null where the form may have none.</param>
/// <param name="texts">Names of members that are texts also where they come as files.</param>
internal sealed class MultipartForm(IFileReceiver? files, IReadOnlyCollection<string> texts) : IAsyncDisposable
{
    /// <summary>The most members of a form.</summary>
    public const int MaxFields = 10_000;

    /// <summary>The most bytes of its texts.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    private const int LongestBoundary = 200;

    /// <summary>Bytes that are read at once: the reader of forms gives no more of a file than it has in its buffer.</summary>
    private const int FileBuffer = 64 * 1024;

    /// <summary>The same for a form that is smaller.</summary>
    private const int SmallBuffer = 4 * 1024;

    public Dictionary<string, ReceivedFile> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What the client calls its files, without directories.</summary>
    public Dictionary<string, string> FileNames { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads it to its end; answers its texts by name.</summary>
    /// <exception cref="BadRequestException">It can't be read, or is too large.</exception>
    /// <exception cref="ValidationException">It has a file that nobody takes.</exception>
    public async Task<IReadOnlyDictionary<string, List<string>>> ReadAsync(
        HttpRequest request,
        MediaTypeHeaderValue type,
        CancellationToken cancellationToken
    )
    {
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var left = MaxBytes;
        var reader = new MultipartReader(
            BoundaryOf(type),
            new ClientStream(request.Body),
            request.ContentLength < FileBuffer ? SmallBuffer : FileBuffer
        );
        while (await NextAsync(reader, cancellationToken) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).Value;
            if (disposition is null || string.IsNullOrEmpty(name))
            {
                throw new BadRequestException("Multipart form parse error - A part has no name.");
            }

            if (disposition.IsFileDisposition() && !texts.Contains(name))
            {
                await ReceiveAsync(name, section, cancellationToken);
                NoteFileName(name, disposition);
                continue;
            }

            var text = await ReadTextAsync(new ClientStream(section.Body), left, cancellationToken);
            left -= text.Length;
            if (!values.TryGetValue(name, out var list))
            {
                values[name] = list = [];
            }

            list.Add(text);
            if (values.Count + list.Count > MaxFields)
            {
                throw new BadRequestException("Multipart form parse error - Too many fields.");
            }
        }

        return values;
    }

    private static string BoundaryOf(MediaTypeHeaderValue type)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return string.IsNullOrEmpty(boundary) || boundary.Length > LongestBoundary
            ? throw new BadRequestException("Multipart form parse error - Invalid boundary in multipart.")
            : boundary;
    }

    // Skips what is left of the section before it.
    private static ValueTask<MultipartSection?> NextAsync(
        MultipartReader reader,
        CancellationToken cancellationToken
    ) => ClientStream.ReadAsync(async () => await reader.ReadNextSectionAsync(cancellationToken));

    private async Task ReceiveAsync(string name, MultipartSection section, CancellationToken cancellationToken)
    {
        if (files is null || Files.ContainsKey(name))
        {
            throw new ValidationException(name, "Unexpected file.");
        }

        Files[name] = await files.ReceiveAsync(new ClientStream(section.Body), cancellationToken);
    }

    private void NoteFileName(string name, ContentDispositionHeaderValue disposition)
    {
        var given = disposition.FileNameStar.HasValue
            ? disposition.FileNameStar
            : HeaderUtilities.RemoveQuotes(disposition.FileName);
        var file = (given.Value ?? "").Split('/', '\\')[^1];
        if (file.Length > 0 && Resources.TextRules.Fault(file) is null)
        {
            FileNames[name] = file;
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
        foreach (var file in Files.Values)
        {
            await file.DisposeAsync();
        }
    }
}
