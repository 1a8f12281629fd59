using Pulp.PluginSdk.Processes;

namespace Pulp.Core.Signing;

/// <summary>A public key as gpg knows it: found in a keyring, and asked whether a signature is the key's.</summary>
/// <param name="Fingerprint">Of the primary key, in hex.</param>
/// <param name="Armored">The key itself.</param>
internal sealed record PublicKey(string Fingerprint, string Armored)
{
    private static readonly string[] Quiet = ["--batch", "--no-tty"];

    /// <param name="key">Id or fingerprint.</param>
    /// <param name="home">gpg's directory; null for its own.</param>
    /// <param name="keyring">A keyring beside that of the directory.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProgramException">There isn't exactly one such key.</exception>
    public static async Task<PublicKey> FindAsync(
        string key,
        string? home,
        string? keyring,
        CancellationToken cancellationToken
    )
    {
        string[] where =
        [
            .. Quiet,
            .. home is null ? Array.Empty<string>() : ["--homedir", Path.GetFullPath(home)],
            .. keyring is null ? Array.Empty<string>() : ["--keyring", keyring],
        ];
        var listed = await GpgAsync([.. where, "--with-colons", "--list-keys", "--", key], cancellationToken);
        var lines = listed.Text.Split('\n').Select(line => line.Split(':')).ToList();
        var keys = lines.Count(line => line[0] == "pub");
        if (listed.ExitCode != 0 || keys != 1)
        {
            throw new ProgramException(
                listed.ExitCode != 0
                    ? $"gpg doesn't find the key: {listed.Errors}"
                    : $"There are {keys} keys matching the key id."
            );
        }

        // The primary key's comes first; those of its subkeys follow.
        var fingerprint = lines.First(line => line is ["fpr", ..] and { Length: > 9 })[9];
        var exported = await GpgAsync([.. where, "--armor", "--export", fingerprint], cancellationToken);
        return exported is { ExitCode: 0, Output.Length: > 0 }
            ? new PublicKey(fingerprint, exported.Text)
            : throw new ProgramException($"gpg doesn't export the key: {exported.Errors}");
    }

    /// <param name="signature">The signature, which holds what is signed unless that is given.</param>
    /// <param name="content">What is signed.</param>
    /// <param name="directory">Where files may be made.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProgramException">It isn't a good signature of this key.</exception>
    public async Task VerifyAsync(
        byte[] signature,
        ReadOnlyMemory<byte>? content,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var home = Path.Combine(directory, "verify");
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var (key, signed, file) = (Path.Combine(home, "key"), Path.Combine(home, "sig"), Path.Combine(home, "file"));
        await File.WriteAllTextAsync(key, Armored, cancellationToken);
        await File.WriteAllBytesAsync(signed, signature, cancellationToken);
        string[] where = [.. Quiet, "--no-autostart", "--homedir", home];
        await GpgAsync([.. where, "--import", key], cancellationToken);
        string[] files = [signed];
        if (content is { } bytes)
        {
            await File.WriteAllBytesAsync(file, bytes, cancellationToken);
            files = [signed, file];
        }

        // The directory has this key alone, so that a good signature is the key's.
        var verified = await GpgAsync([.. where, "--status-fd", "1", "--verify", .. files], cancellationToken);
        if (verified.ExitCode != 0 || !verified.Text.Contains("[GNUPG:] VALIDSIG ", StringComparison.Ordinal))
        {
            throw new ProgramException($"The signature is not of the key {Fingerprint}: {verified.Errors}");
        }
    }

    private static Task<ProcessEnd> GpgAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        new ChildProcess
        {
            Program = "gpg",
            Arguments = arguments,
            Directory = Environment.CurrentDirectory,
            Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" },
        }.RunAsync(cancellationToken);
}
