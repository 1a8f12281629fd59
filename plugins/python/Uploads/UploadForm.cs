using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Files;
using PulpPython.Names;

namespace PulpPython.Uploads;

/// <summary>An upload as twine and its like send it: fields about the release, and its file, which goes straight to storage.</summary>
internal sealed class UploadForm : IAsyncDisposable
{
    /// <summary>Bytes that are read at once: the reader of forms gives no more of a file than it has in its buffer.</summary>
    private const int Buffer = 64 * 1024;

    /// <summary>A description of some megabytes has been seen.</summary>
    private const int MostFieldBytes = 32 * 1024 * 1024;

    private const int MostParts = 10_000;

    /// <summary>Clients repeat fields that are lists. None of these is one.</summary>
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    private int _left = MostFieldBytes;

    private UploadForm() { }

    /// <summary>The file; null where none was sent.</summary>
    public StagedFile? File { get; private set; }

    /// <summary>The file's name, without directories.</summary>
    public string Filename { get; private set; } = "";

    /// <summary>Attestations (PEP 740), a JSON list; null where none were sent.</summary>
    public string? Attestations => _fields.GetValueOrDefault("attestations") is { Length: > 0 } json ? json : null;

    /// <summary>Reads a request, whose fields may come in any order.</summary>
    /// <exception cref="BadRequestException">It is no such form.</exception>
    /// <exception cref="FileTooLargeException">The file is larger than the server takes.</exception>
    public static async Task<UploadForm> ReadAsync(
        HttpRequest request,
        IArtifacts artifacts,
        CancellationToken cancellationToken
    )
    {
        if (
            !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary
        )
        {
            throw new BadRequestException("An upload is a multipart form.");
        }

        var form = new UploadForm();
        try
        {
            await form.ReadAsync(new MultipartReader(boundary, request.Body, Buffer), artifacts, cancellationToken);
            return form;
        }
        catch (Exception error)
        {
            // What was received of it isn't needed any more.
            await form.DisposeAsync();
            if (IsCutShort(error))
            {
                throw new BadRequestException($"The form can't be read. {error.Message}");
            }

            throw;
        }
    }

    /// <summary>What the reader of forms throws when a form ends before it should; other such errors are the storage's.</summary>
    private static bool IsCutShort(Exception error) =>
        error is InvalidDataException
        || (error is IOException && error.Message.StartsWith("Unexpected end of Stream", StringComparison.Ordinal));

    /// <summary>Says everything that is wrong with it.</summary>
    /// <exception cref="ValidationException">Something is.</exception>
    public StagedFile Check()
    {
        var errors = new ValidationErrors();
        if (_fields.GetValueOrDefault(":action", "file_upload") is not "file_upload")
        {
            errors.Add("The only :action here is file_upload.");
        }

        if (_fields.GetValueOrDefault("protocol_version", "1") is not "1")
        {
            errors.Add("protocol_version", "The only version here is 1.");
        }

        CheckFile(errors);
        CheckDigest(errors);
        errors.ThrowIfAny();
        return File ?? throw new ValidationException("content", "No file was submitted.");
    }

    private void CheckFile(ValidationErrors errors)
    {
        if (File is null)
        {
            errors.Add("content", "No file was submitted.");
        }
        else if (!PackageFilename.TryParse(Filename, out var name))
        {
            errors.Add("content", "The file's name is not that of a package, such as project-1.0-py3-none-any.whl.");
        }
        else if (_fields.GetValueOrDefault("filetype") is { Length: > 0 } filetype && filetype != name.PackageType)
        {
            errors.Add("filetype", $"The file's name says {name.PackageType}.");
        }
    }

    private void CheckDigest(ValidationErrors errors)
    {
        if (!_fields.TryGetValue("sha256_digest", out var digest) || digest.Length == 0)
        {
            errors.Add("sha256_digest", "This field is required.");
        }
        else if (digest.Length != 64 || !digest.All(char.IsAsciiHexDigit))
        {
            errors.Add("sha256_digest", "This is not a SHA-256 in hex.");
        }
        else if (File is not null && !digest.Equals(File.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add("sha256_digest", $"The file that came has the SHA-256 {File.Sha256}.");
        }
    }

    private async Task ReadAsync(MultipartReader reader, IArtifacts artifacts, CancellationToken cancellationToken)
    {
        for (var parts = 0; await reader.ReadNextSectionAsync(cancellationToken) is { } section; parts++)
        {
            var disposition = section.GetContentDispositionHeader();
            var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).Value;
            if (disposition is null || string.IsNullOrEmpty(name) || parts >= MostParts)
            {
                throw new BadRequestException("The form can't be read. A part has no name, or there are too many.");
            }

            if (!disposition.IsFileDisposition())
            {
                _fields[name] = await TextAsync(section.Body, cancellationToken);
            }
            else if (name == "content" && File is null)
            {
                Filename = NameOf(disposition);
                File = await artifacts.StageAsync(section.Body, FileExpectation.None, cancellationToken);
            }

            // Other files, such as a signature, are passed over by asking for the next part.
        }
    }

    private async Task<string> TextAsync(Stream body, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var chunk = new byte[8 * 1024];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            _left -= read;
            if (_left < 0)
            {
                throw new BadRequestException("The form's fields are too large.");
            }

            await text.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static string NameOf(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar.HasValue
            ? disposition.FileNameStar
            : HeaderUtilities.RemoveQuotes(disposition.FileName);
        return (name.Value ?? "").Split('/', '\\')[^1];
    }

    public ValueTask DisposeAsync() => File?.DisposeAsync() ?? ValueTask.CompletedTask;
}
