using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Pulp.Core.Sync;

/// <summary>Joins the stages of a pipeline by bounded channels. The only place with channels.</summary>
internal static class StageRunner
{
    /// <summary>Lets the source run ahead of its reader by at most <paramref name="capacity"/> items.</summary>
    public static async IAsyncEnumerable<T> Buffered<T>(
        this IAsyncEnumerable<T> source,
        int capacity,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = NewChannel<T>(capacity, singleWriter: true);
        var pump = PumpAsync(source, channel.Writer, stop.Token);
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await pump;
        }
    }

    /// <summary>
    /// Batches of what is there: the first item is waited for, the rest is taken as long as it is ready. A busy reader gets large
    /// batches, an idle one gets its items at once.
    /// </summary>
    public static async IAsyncEnumerable<IReadOnlyList<T>> Batched<T>(
        this IAsyncEnumerable<T> source,
        int size,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = NewChannel<T>(size, singleWriter: true);
        var pump = PumpAsync(source, channel.Writer, stop.Token);
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<T>();
                while (batch.Count < size && channel.Reader.TryRead(out var item))
                {
                    batch.Add(item);
                }

                if (batch.Count > 0)
                {
                    yield return batch;
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await pump;
        }
    }

    /// <summary>Works on several items at once; they come out as they are done.</summary>
    public static async IAsyncEnumerable<T> Parallel<T>(
        this IAsyncEnumerable<T> source,
        int workers,
        int capacity,
        Func<T, CancellationToken, ValueTask> work,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = NewChannel<T>(capacity, singleWriter: false);
        var pump = WorkAsync(source, workers, channel.Writer, work, stop.Token);
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await pump;
        }
    }

    private static Channel<T> NewChannel<T>(int capacity, bool singleWriter) =>
        Channel.CreateBounded<T>(
            new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = singleWriter }
        );

    private static async Task PumpAsync<T>(
        IAsyncEnumerable<T> source,
        ChannelWriter<T> writer,
        CancellationToken cancellationToken
    )
    {
        // Off the reader's thread from the start, so that both really run at once.
        await Task.Yield();
        try
        {
            await foreach (var item in source.WithCancellation(cancellationToken))
            {
                await writer.WriteAsync(item, cancellationToken);
            }

            writer.Complete();
        }
        catch (Exception error)
        {
            // The reader gets it with its next item.
            writer.TryComplete(error);
        }
    }

    private static async Task WorkAsync<T>(
        IAsyncEnumerable<T> source,
        int workers,
        ChannelWriter<T> writer,
        Func<T, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        try
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                source,
                new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken },
                async (item, token) =>
                {
                    await work(item, token);
                    await writer.WriteAsync(item, token);
                }
            );
            writer.Complete();
        }
        catch (Exception error)
        {
            // The reader gets it with its next item.
            writer.TryComplete(error);
        }
    }
}
