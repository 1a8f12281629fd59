using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Bench.Scenarios;

/// <summary>The API: reads beside nginx sending the same bytes, which does everything but the work; and writes.</summary>
internal static class Api
{
    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        Data.Files(fixture.Files, "small", 10_000);
        var (repository, _, _) = await fixture.MirrorAsync("small", "immediate");
        var version = await fixture.Api.LatestAsync(repository);
        foreach (
            var (name, path, aim) in new[]
            {
                ("status", "status/", ""),
                ("retrieve of a repository", repository["/pulp/api/v3/".Length..], ""),
                (
                    "list of 100 units of a version",
                    $"content/file/files/?limit=100&repository_version={version}",
                    "2,000/s"
                ),
                ("list of 100 units of all", "content/file/files/?limit=100", "2,000/s"),
                ("list of 100 artifacts", "artifacts/?limit=100", "2,000/s"),
                ("list of one unit by its path", "content/file/files/?relative_path=d1/f1.bin", ""),
            }
        )
        {
            var url = $"{fixture.Server.Url}/pulp/api/v3/{path}";
            var copy = $"api-{Guid.NewGuid():N}.json";
            await File.WriteAllTextAsync(Path.Combine(fixture.Files, copy), (await fixture.Api.GetAsync(path)).Text);
            var (ours, reference) = await Measuring.AlternateAsync(
                () => Measuring.WrkAsync(url, fixture.Process, 8, 2, headers: Fixture.Headers),
                () => Measuring.WrkAsync($"{Fixture.Nginx}/{copy}", fixture.NginxProcesses, 8, 2)
            );
            File.Delete(Path.Combine(fixture.Files, copy));
            yield return Line.Of(name, ours, reference, "nginx, the same bytes", aim);
        }

        yield return Line.Of(
            "create and delete of a repository",
            await Measuring.TimesAsync(
                100,
                async () =>
                    await fixture.Api.CompletedAsync(
                        await fixture.Api.DeleteAsync(await fixture.Api.NewRepositoryAsync())
                    )
            )
        );
    }

    public static async IAsyncEnumerable<Line> UploadsAsync(Fixture fixture)
    {
        await UploadAsync(fixture, 100, 8);
        foreach (var (count, atOnce) in new[] { (2_000, 200), (4_000, 1_000) })
        {
            var cost = await Measuring.CostAsync(fixture.Process, () => UploadAsync(fixture, count, atOnce));
            yield return Line.Of(
                $"uploads of 1 KiB, {atOnce} at once",
                Line.Number($"{count / cost.Seconds:F0}/s"),
                cost
            );
        }

        var repository = await fixture.Api.NewRepositoryAsync();
        var added = await Measuring.CostAsync(fixture.Process, () => AddAsync(fixture, repository, 1_000));
        yield return Line.Of(
            "uploads of 1 KiB into one repository, each a task and a version, 200 at once",
            Line.Number($"{1_000 / added.Seconds:F0}/s"),
            added
        );

        const int Size = 1_000_000_000;
        var bytes = RandomNumberGenerator.GetBytes(Size / 100);
        var plain = await PlainAsync(bytes, 100);
        await using var whole = new Repeated(bytes, 100);
        var one = await Measuring.CostAsync(
            fixture.Process,
            async () =>
            {
                using var form = new MultipartFormDataContent { { new StreamContent(whole), "file", "big" } };
                var answer = await fixture.Api.SendContentAsync(HttpMethod.Post, "artifacts/", form);
                _ = answer.Href;
            }
        );
        yield return Line.Of("upload of 1 GB in one request", Line.Number($"{one.Seconds:F1} s"), one) with
        {
            Reference = Line.Number($"{plain:F1} s (hashed and written by one thread)"),
            Ratio = Line.Number($"{one.Seconds / plain:F2} times"),
        };

        // Its last bytes differ: what is stored already isn't stored again.
        bytes[^1]++;
        var chunks = await Measuring.CostAsync(fixture.Process, () => ChunksAsync(fixture, bytes, 100));
        yield return Line.Of("upload of 1 GB in chunks of 10 MB", Line.Number($"{chunks.Seconds:F1} s"), chunks) with
        {
            Reference = Line.Number($"{plain:F1} s (hashed and written by one thread)"),
            Ratio = Line.Number($"{chunks.Seconds / plain:F2} times"),
        };
    }

    private static Task UploadAsync(Fixture fixture, int count, int atOnce) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce },
            async (_, _) =>
            {
                var name = Guid.NewGuid().ToString();
                var answer = await fixture.Api.UploadAsync(
                    "content/file/files/upload/",
                    Encoding.ASCII.GetBytes(name.PadRight(1024)),
                    new { relative_path = name }
                );
                _ = answer.Href;
            }
        );

    /// <summary>Sends them at once and asks now and then, until each is in a version; asking without pause would cost CPU.</summary>
    private static async Task AddAsync(Fixture fixture, string repository, int count)
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 200 },
            async (_, _) =>
            {
                var name = Guid.NewGuid().ToString();
                var answer = await fixture.Api.UploadAsync(
                    "content/file/files/",
                    Encoding.ASCII.GetBytes(name.PadRight(1024)),
                    new { relative_path = name, repository }
                );
                _ = answer.Task;
            }
        );
        while (!(await fixture.Api.LatestAsync(repository)).EndsWith($"/{count}/", StringComparison.Ordinal))
        {
            await Task.Delay(100);
        }
    }

    private static async Task ChunksAsync(Fixture fixture, byte[] piece, int pieces)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var upload = (await fixture.Api.PostAsync("uploads/", new { size = (long)piece.Length * pieces })).Href;
        for (var i = 0; i < pieces; i++)
        {
            sha256.AppendData(piece);
            using var form = new MultipartFormDataContent { { new ByteArrayContent(piece), "file", "chunk" } };
            form.Headers.ContentRange = new ContentRangeHeaderValue(
                (long)i * piece.Length,
                ((long)(i + 1) * piece.Length) - 1,
                (long)piece.Length * pieces
            );
            var answer = await fixture.Api.SendContentAsync(HttpMethod.Put, upload, form);
            if (answer.Code != 200)
            {
                throw new InvalidOperationException(answer.Text);
            }
        }

        await fixture.Api.CompletedAsync(
            await fixture.Api.PostAsync(
                upload + "commit/",
                new { sha256 = Convert.ToHexStringLower(sha256.GetHashAndReset()) }
            )
        );
    }

    /// <summary>The digests that the server computes, and the bytes written and flushed.</summary>
    private static async Task<double> PlainAsync(byte[] piece, int pieces)
    {
        HashAlgorithmName[] names = [HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512];
        var hashes = names.Select(IncrementalHash.CreateHash).ToList();
        var path = Path.GetTempFileName();
        var watch = Stopwatch.StartNew();
        await using (var file = File.Create(path))
        {
            for (var i = 0; i < pieces; i++)
            {
                hashes.ForEach(h => h.AppendData(piece));
                await file.WriteAsync(piece);
            }

            file.Flush(flushToDisk: true);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        hashes.ForEach(h => h.Dispose());
        File.Delete(path);
        return seconds;
    }
}
