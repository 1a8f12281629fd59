namespace Pulp.Core.Platform.Sockets;

/// <summary>Sends bodies without copying them, where nothing stands between the answer and its socket.</summary>
internal static class BodySending
{
    /// <summary>Smaller ones are copied and go out together with their headers.</summary>
    private const int Large = 32 * 1024;

    /// <summary>Sends a body that lies in memory and doesn't change; its length is in the headers.</summary>
    public static Task SendBodyAsync(this HttpContext context, ReadOnlyMemory<byte> body) =>
        body.Length > Large && SocketOutputs.ForFiles(context) is { } output
            ? SendLargeAsync(context, output, body)
            : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();

    /// <summary>Lets the kernel send a part of a file; the length is in the headers.</summary>
    public static async Task SendAsync(
        this SocketOutput output,
        HttpContext context,
        FileStream file,
        long offset,
        long length
    )
    {
        await BeginAsync(context);
        output.Begin(file, offset);
        await CountAsync(context, output, length);
    }

    private static async Task SendLargeAsync(HttpContext context, SocketOutput output, ReadOnlyMemory<byte> body)
    {
        await BeginAsync(context);
        output.Begin(body);
        await CountAsync(context, output, body.Length);
    }

    private static async Task BeginAsync(HttpContext context)
    {
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Counts the bytes off: others are sent in their place.</summary>
    private static async Task CountAsync(HttpContext context, SocketOutput output, long length)
    {
        var writer = context.Response.BodyWriter;
        try
        {
            for (var left = length; left > 0; )
            {
                var piece = (int)Math.Min(writer.GetMemory().Length, left);
                writer.Advance(piece);
                left -= piece;
                if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            output.End();
        }
    }
}
