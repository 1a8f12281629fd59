namespace Pulp.Core.Users;

/// <summary>A directory outside whose users sign in with the passwords that it has. It is asked for names without a password here.</summary>
internal interface IPasswordDirectory
{
    bool IsOn { get; }

    /// <summary>The account of whoever the directory knows by this name and password; null where it doesn't.</summary>
    /// <exception cref="DirectoryUnavailableException">It can't be asked.</exception>
    Task<Caller?> SignInAsync(string username, string password, CancellationToken cancellationToken);
}

/// <summary>The directory can't be asked: 503, worth a retry.</summary>
internal sealed class DirectoryUnavailableException(Exception inner)
    : PulpException("The directory of users can't be asked at the moment.", inner)
{
    public override string Code => "PLP0508";

    public override int Status => 503;

    public override TimeSpan? RetryAfter => TimeSpan.FromSeconds(10);
}
