namespace Pulp.Core.Platform.Data;

/// <summary>
/// UUIDs of version 7 that count up: lists are "newest first" by id, and tasks are claimed in its order, so ids of one millisecond
/// must not come in any order (RFC 9562, section 6.2, method 1: a counter in the twelve bits behind the time).
/// </summary>
internal static class Ids
{
    private const int CounterBits = 12;
    private static readonly Lock Gate = new();
    private static long s_last;

    public static Guid New(DateTimeOffset now)
    {
        long stamp;
        lock (Gate)
        {
            // Time and counter are one number: when a millisecond's counter is full, the next one is begun early.
            stamp = s_last = Math.Max(s_last + 1, now.ToUnixTimeMilliseconds() << CounterBits);
        }

        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(stamp >> CounterBits))
            .TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x70 | ((stamp >> 8) & 0x0f));
        bytes[7] = (byte)stamp;
        return new Guid(bytes, bigEndian: true);
    }

    public static Guid New() => New(TimeProvider.System.GetUtcNow());
}
