using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Serving;
using Pulp.PluginSdk.Models;

namespace Pulp.Core.Tests.Serving;

/// <summary>Values that plugins make of what is served.</summary>
public sealed class RememberedValueTests
{
    private RememberedAnswers _remembered = new(new PulpSettings());
    private ServedDistribution _served = new(new ServedState());

    [SetUp]
    public void Begin()
    {
        _remembered = new(new PulpSettings { ContentCacheAnswerBytes = 1_000_000 });
        _served = new(new ServedState());
    }

    private RememberedValues Values() => new(_served, _remembered, CancellationToken.None);

    [Test]
    public async Task A_value_is_made_once_for_all_who_ask_meanwhile()
    {
        var values = Values();
        var made = 0;
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        async Task<(int, long)> MakeAsync(CancellationToken cancellationToken)
        {
            begun.TrySetResult();
            await end.Task;
            return (Interlocked.Increment(ref made), 10);
        }

        var first = values.RememberAsync("key", MakeAsync, CancellationToken.None).AsTask();
        await begun.Task;
        var others = Enumerable
            .Range(0, 10)
            .Select(_ => values.RememberAsync("key", MakeAsync, CancellationToken.None).AsTask())
            .ToList();
        end.SetResult();

        Assert.That(await Task.WhenAll(others.Append(first)), Is.All.EqualTo(1));
        Assert.That(await values.RememberAsync("key", MakeAsync, CancellationToken.None), Is.EqualTo(1));
    }

    [Test]
    public async Task Who_leaves_does_not_end_it_for_the_others()
    {
        var values = Values();
        var end = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        async Task<(string, long)> MakeAsync(CancellationToken cancellationToken)
        {
            await end.Task.WaitAsync(cancellationToken);
            return ("made", 10);
        }

        var left = values.RememberAsync("key", MakeAsync, leaving.Token).AsTask();
        var stayed = values.RememberAsync("key", MakeAsync, CancellationToken.None).AsTask();
        await leaving.CancelAsync();

        Assert.That(async () => await left, Throws.InstanceOf<OperationCanceledException>());
        end.SetResult();
        Assert.That(await stayed, Is.EqualTo("made"));
    }

    [Test]
    public async Task A_failure_is_told_and_not_kept()
    {
        var values = Values();

        Assert.That(
            async () =>
                await values.RememberAsync<string>(
                    "key",
                    _ => throw new InvalidOperationException("this time"),
                    CancellationToken.None
                ),
            Throws.InvalidOperationException
        );
        Assert.That(
            await values.RememberAsync("key", _ => Made("later", 10), CancellationToken.None),
            Is.EqualTo("later")
        );
    }

    [Test]
    public async Task It_goes_with_the_state_and_is_counted()
    {
        var values = Values();
        await values.RememberAsync("key", _ => Made("before", 200_000), CancellationToken.None);
        Assert.That(_remembered.Bytes, Is.InRange(200_000, 201_000));

        _remembered.Forget(_served);

        Assert.That(_remembered.Bytes, Is.Zero);
        Assert.That(
            await values.RememberAsync("key", _ => Made("after", 10), CancellationToken.None),
            Is.EqualTo("after")
        );
        Assert.That(_remembered.Bytes, Is.Zero, "a state that is over keeps nothing");
    }

    [Test]
    public async Task What_takes_more_than_a_quarter_of_the_memory_is_not_kept()
    {
        var values = Values();
        await values.RememberAsync("large", _ => Made("large", 300_000), CancellationToken.None);

        Assert.That(_remembered.Bytes, Is.Zero);
    }

    private static Task<(string Value, long Bytes)> Made(string value, long bytes) => Task.FromResult((value, bytes));
}
