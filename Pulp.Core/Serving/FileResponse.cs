using System.Globalization;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Sockets;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>
/// Sends stored files: small ones from memory, others by the kernel, or, where it can't or their storage isn't this host's disk, in
/// pieces.
/// </summary>
internal sealed class FileResponse(
    PulpSettings settings,
    SmallFiles smallFiles,
    ArtifactFiles files,
    TimeProvider clock
)
{
    private const int Piece = 64 * 1024;

    /// <summary>False when the file is gone or damaged, and nothing was sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="hit">Its place was remembered.</param>
    /// <param name="tag">The entity tag, where it isn't the file's own.</param>
    public ValueTask<bool> SendAsync(HttpContext context, ServedAnswer.File file, bool hit, string? tag = null)
    {
        tag ??= file.ETag;
        var request = context.Request;
        var response = context.Response;
        var conditions = Conditions.Evaluate(request.Headers, tag, file.Modified, file.Size);
        var headers = response.Headers;
        response.StatusCode = conditions.Status;
        headers.ETag = tag;
        headers.LastModified = file.IsSettled ? file.ModifiedText : FreshLastModified(file, headers);
        headers.AcceptRanges = "bytes";
        headers["X-PULP-CACHE"] = hit ? "HIT" : "MISS";
        if (conditions.Status is 304 or 412)
        {
            return ValueTask.FromResult(true);
        }

        headers["X-PULP-ARTIFACT-SIZE"] = file.SizeText;
        if (conditions.Status is 206 or 416)
        {
            headers.ContentRange = conditions.ContentRange(file.SizeText);
        }

        if (conditions.Status == 416)
        {
            headers.ContentLength = 0;
            return ValueTask.FromResult(true);
        }

        headers.ContentType = file.MediaType;
        headers.ContentLength = conditions.Length;
        if (HttpMethods.IsHead(request.Method) || conditions.Length == 0)
        {
            return ValueTask.FromResult(true);
        }

        return file.Size <= SmallFiles.Largest
            ? SendSmallAsync(context, file, conditions)
            : SendLargeAsync(context, file, conditions);
    }

    /// <summary>
    /// A file may have come later than the server's own Date says, which is up to a second old, or than this host's clock: no
    /// Last-Modified may be later than Date.
    /// </summary>
    private string FreshLastModified(ServedAnswer.File file, IHeaderDictionary headers)
    {
        var now = clock.GetUtcNow();
        if (now - file.Modified > TimeSpan.FromSeconds(2))
        {
            file.IsSettled = true;
            return file.ModifiedText;
        }

        var date = now.ToString("R", CultureInfo.InvariantCulture);
        headers.Date = date;
        return file.Modified <= now ? file.ModifiedText : date;
    }

    private async ValueTask<bool> SendSmallAsync(HttpContext context, ServedAnswer.File file, Conditions conditions)
    {
        if (await smallFiles.BytesOfAsync(file, context.RequestAborted) is not { } bytes)
        {
            return Undo(context.Response);
        }

        var body = bytes.AsMemory((int)conditions.From, (int)conditions.Length);
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        return true;
    }

    private async ValueTask<bool> SendLargeAsync(HttpContext context, ServedAnswer.File file, Conditions conditions)
    {
        if (files.PathOf(file.Name) is not { } path)
        {
            return await RelayAsync(context, file, conditions);
        }

        var handle = StoredFile.TryOpen(path, file.Size);
        if (handle is null)
        {
            return Undo(context.Response);
        }

        // No buffer: it is read in large pieces, or not at all.
        await using (var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0, isAsync: true))
        {
            if (settings.Sendfile && SocketOutputs.ForFiles(context) is { } output)
            {
                await output.SendAsync(context, stream, conditions.From, conditions.Length);
            }
            else
            {
                await SendThroughMemoryAsync(context, stream, conditions);
            }
        }

        return true;
    }

    private static async Task SendThroughMemoryAsync(HttpContext context, FileStream stream, Conditions conditions)
    {
        var writer = context.Response.BodyWriter;
        var at = conditions.From;
        var left = conditions.Length;
        while (left > 0)
        {
            var memory = writer.GetMemory((int)Math.Min(Piece, left));
            var read = RandomAccess.Read(stream.SafeFileHandle, memory.Span[..(int)Math.Min(memory.Length, left)], at);
            if (read == 0)
            {
                context.Abort();
                return;
            }

            writer.Advance(read);
            at += read;
            left -= read;
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Passes a file on from a storage that isn't this host's disk.</summary>
    private async Task<bool> RelayAsync(HttpContext context, ServedAnswer.File file, Conditions conditions)
    {
        var writer = context.Response.BodyWriter;
        var left = conditions.Length;
        try
        {
            await using var stream = files.OpenRead(file.Name, conditions.From);
            while (left > 0)
            {
                var memory = writer.GetMemory((int)Math.Min(Piece, left));
                var read = await stream.ReadAsync(memory[..(int)Math.Min(memory.Length, left)], context.RequestAborted);
                if (read == 0)
                {
                    context.Abort();
                    return true;
                }

                writer.Advance(read);
                left -= read;
                if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted)
                {
                    return true;
                }
            }

            return true;
        }
        catch (FileNotFoundException) when (left == conditions.Length)
        {
            return Undo(context.Response);
        }
    }

    private static bool Undo(HttpResponse response)
    {
        response.Clear();
        return false;
    }
}
