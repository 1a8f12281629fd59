using System.DirectoryServices.Protocols;
using System.Globalization;
using System.Net;
using System.Text;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Users;

namespace Pulp.Core.Access.External;

/// <summary>Users of an LDAP directory: found by a search, and known by a bind with their password.</summary>
internal sealed partial class LdapDirectory(
    PulpSettings settings,
    ExternalAccounts accounts,
    ExternalGroups groups,
    ILogger<LdapDirectory> logger
) : IPasswordDirectory, IDisposable
{
    private const int Invalid = 49;
    private const int NoSuchObject = 32;
    private const int AtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly LdapSettings? _ldap = LdapSettings.Parse(settings.Ldap, []);
    private readonly SemaphoreSlim _turns = new(AtOnce, AtOnce);
    private int _isAway;

    public bool IsOn => _ldap is not null;

    public async Task<Caller?> SignInAsync(string username, string password, CancellationToken cancellationToken)
    {
        // A bind without a password is nobody's, and directories let nobody in gladly.
        if (_ldap is not { } ldap || password.Length == 0 || username.Length == 0)
        {
            return null;
        }

        await _turns.WaitAsync(cancellationToken);
        try
        {
            // The library waits for its answers.
            var found = await Task.Run(() => Check(ldap, username, password), cancellationToken);
            Answered();
            return found is null ? null : await AccountAsync(ldap, username, found.Groups, cancellationToken);
        }
        catch (Exception error) when (error is LdapException or DirectoryOperationException or TimeoutException)
        {
            Failed(error);
            throw new DirectoryUnavailableException(error);
        }
        finally
        {
            _turns.Release();
        }
    }

    private void Answered()
    {
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            LogBack();
        }
    }

    /// <summary>Said once, and not for each user who tries.</summary>
    private void Failed(Exception error)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            LogAway(error.Message);
        }
    }

    private async Task<Caller?> AccountAsync(
        LdapSettings ldap,
        string username,
        IReadOnlyList<string>? names,
        CancellationToken cancellationToken
    )
    {
        var caller = await accounts.FindAsync(username, create: true, cancellationToken);
        if (caller is not null && names is not null)
        {
            await groups.FollowAsync(caller.Id, "ldap", names, ldap.Groups, cancellationToken);
        }

        return caller;
    }

    /// <summary>Null where the password isn't the user's, or there is no such user.</summary>
    private SignedIn? Check(LdapSettings ldap, string username, string password)
    {
        using var searching = Connect(ldap);
        searching.Bind(new NetworkCredential(ldap.BindDn, ldap.BindPassword));
        if (FindDn(searching, ldap, username) is not { } dn)
        {
            return null;
        }

        using var proving = Connect(ldap);
        try
        {
            proving.Bind(new NetworkCredential(dn, password));
        }
        catch (LdapException error) when (error.ErrorCode is Invalid or NoSuchObject)
        {
            return null;
        }

        return new SignedIn(ldap.GroupBase.Length == 0 ? null : GroupsOf(searching, ldap, username, dn));
    }

    private static LdapConnection Connect(LdapSettings ldap)
    {
        var (address, isTls) = (ldap.Address, ldap.Address.Scheme == "ldaps");
        var port =
            address.Port > 0 ? address.Port
            : isTls ? 636
            : 389;
        var connection = new LdapConnection(new LdapDirectoryIdentifier(address.Host, port))
        {
            AuthType = AuthType.Basic,
            Timeout = Patience,
        };
        try
        {
            connection.SessionOptions.ProtocolVersion = 3;
            connection.SessionOptions.ReferralChasing = ReferralChasingOptions.None;
            connection.SessionOptions.SecureSocketLayer = isTls;
            if (ldap.StartTls)
            {
                StartTls(connection);
            }

            return connection;
        }
        catch
        {
            // Nobody else knows of it.
            connection.Dispose();
            throw;
        }
    }

    private static void StartTls(LdapConnection connection)
    {
        // The library connects when it binds, and can't start TLS before (dotnet/runtime#56619). So nobody binds first, which tells
        // nothing to whoever listens, and which a directory may well refuse.
        var known = connection.AuthType;
        connection.AuthType = AuthType.Anonymous;
        try
        {
            connection.Bind();
        }
        catch (DirectoryOperationException)
        {
            // It is an answer: there is a connection.
        }

        connection.AuthType = known;
        connection.SessionOptions.StartTransportLayerSecurity(null);
    }

    /// <summary>The one entry of a name; null for none, and for several, of which nobody knows who is meant.</summary>
    private static string? FindDn(LdapConnection connection, LdapSettings ldap, string username)
    {
        var filter = ldap.UserFilter.Replace(LdapSettings.Username, Escape(username), StringComparison.Ordinal);
        var request = new SearchRequest(ldap.UserBase, filter, SearchScope.Subtree, "1.1") { SizeLimit = 2 };
        try
        {
            var answer = (SearchResponse)connection.SendRequest(request, Patience);
            return answer.Entries.Count == 1 ? answer.Entries[0].DistinguishedName : null;
        }
        catch (DirectoryOperationException error) when (error.Response?.ResultCode == ResultCode.SizeLimitExceeded)
        {
            return null; // More than two.
        }
    }

    /// <summary>The user's groups; null where the directory can't say: then they stay as they are, and the user gets in.</summary>
    private IReadOnlyList<string>? GroupsOf(LdapConnection connection, LdapSettings ldap, string username, string dn)
    {
        var filter = ldap
            .GroupFilter.Replace(LdapSettings.UserDn, Escape(dn), StringComparison.Ordinal)
            .Replace(LdapSettings.Username, Escape(username), StringComparison.Ordinal);
        var request = new SearchRequest(ldap.GroupBase, filter, SearchScope.Subtree, ldap.GroupAttribute);
        SearchResponse answer;
        try
        {
            answer = (SearchResponse)connection.SendRequest(request, Patience);
        }
        catch (DirectoryOperationException error)
        {
            LogNoGroups(username, error.Message);
            return null;
        }

        return
        [
            .. answer
                .Entries.Cast<SearchResultEntry>()
                .SelectMany(entry =>
                    entry.Attributes[ldap.GroupAttribute]?.GetValues(typeof(string)).Cast<string>() ?? []
                ),
        ];
    }

    /// <summary>As RFC 4515 has it: nothing in a name is a part of the filter.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (
                char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'@' or (byte)'+'
            )
            {
                escaped.Append((char)b);
            }
            else
            {
                escaped.Append('\\').Append(b.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>Somebody whose password was right.</summary>
    /// <param name="Groups">The user's groups; null where nothing is known of them.</param>
    private sealed record SignedIn(IReadOnlyList<string>? Groups);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The directory of users can't be asked, and its users wait: {Reason} Where it is reached by TLS, is its certificate trusted (LDAPTLS_CACERT), and for its name?"
    )]
    private partial void LogAway(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The directory of users answers again.")]
    private partial void LogBack();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The groups of {Username} can't be searched for: {Reason}")]
    private partial void LogNoGroups(string username, string reason);
}
