using System.Security.Cryptography;
using System.Text;

namespace Pulp.Bench;

/// <summary>What nginx serves; each tree is made when it is first asked for, and kept.</summary>
internal static class Data
{
    /// <summary>Files of 1 KiB with their manifest.</summary>
    public static void Files(string root, string name, int count) =>
        Once(
            Path.Combine(root, name),
            directory =>
            {
                var manifest = new StringBuilder();
                for (var i = 0; i < count; i++)
                {
                    var bytes = RandomNumberGenerator.GetBytes(1024);
                    var path = $"d{i % 100}/f{i}.bin";
                    Directory.CreateDirectory(Path.Combine(directory, $"d{i % 100}"));
                    File.WriteAllBytes(Path.Combine(directory, path), bytes);
                    manifest.Append(Line(path, bytes));
                }

                return manifest.ToString();
            }
        );

    /// <summary>10,000 files in one directory.</summary>
    public static void Flat(string root, string name) =>
        Once(
            Path.Combine(root, name),
            directory =>
            {
                var manifest = new StringBuilder();
                Directory.CreateDirectory(Path.Combine(directory, "all"));
                for (var i = 0; i < 10_000; i++)
                {
                    var bytes = BitConverter.GetBytes(i);
                    File.WriteAllBytes(Path.Combine(directory, "all", $"f{i}"), bytes);
                    manifest.Append(Line($"all/f{i}", bytes));
                }

                return manifest.ToString();
            }
        );

    /// <summary>One file of 200 MB.</summary>
    public static void Large(string root, string name) =>
        Once(
            Path.Combine(root, name),
            directory =>
            {
                var bytes = RandomNumberGenerator.GetBytes(200_000_000);
                Directory.CreateDirectory(directory);
                File.WriteAllBytes(Path.Combine(directory, "large.bin"), bytes);
                return Line("large.bin", bytes);
            }
        );

    /// <summary>A manifest whose files nobody fetches.</summary>
    public static void Listed(string root, string name, int count) =>
        Once(
            Path.Combine(root, name),
            _ => string.Concat(Enumerable.Range(0, count).Select(i => Line($"d{i % 1000}/f{i}", i)))
        );

    /// <summary>Puts a manifest in the place of another: every hundredth file has other bytes.</summary>
    public static void Change(string root, string name, int count, int round) =>
        File.WriteAllText(
            Path.Combine(root, name, "PULP_MANIFEST"),
            string.Concat(
                Enumerable
                    .Range(0, count)
                    .Select(i => Line($"d{i % 1000}/f{i}", i % 100 == round % 100 ? i + (count * (round + 1)) : i))
            )
        );

    private static void Once(string directory, Func<string, string> make)
    {
        var manifest = Path.Combine(directory, "PULP_MANIFEST");
        if (!File.Exists(manifest))
        {
            Directory.CreateDirectory(directory);
            var text = make(directory);
            File.WriteAllText(manifest, text);
        }
    }

    private static string Line(string path, int number) => Line(path, BitConverter.GetBytes(number));

    private static string Line(string path, byte[] bytes) =>
        $"{path},{Convert.ToHexStringLower(SHA256.HashData(bytes))},{bytes.Length}\n";
}
