namespace Pulp.PluginSdk.Errors;

/// <summary>
/// A failure that was foreseen. Its message is meant for the client: it reaches an API answer or a task's error as it is.
/// Everything else that is thrown is reported as an internal error without detail.
/// </summary>
/// <param name="message">A sentence for the client.</param>
/// <param name="inner">What caused it, for the log.</param>
public abstract class PulpException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Short stable code, shown in a failed task's error.</summary>
    public abstract string Code { get; }

    /// <summary>The HTTP status of an API answer.</summary>
    public abstract int Status { get; }

    /// <summary>When it is worth trying again: sent as <c>Retry-After</c>, in whole seconds. Null says nothing about that.</summary>
    public virtual TimeSpan? RetryAfter => null;
}

/// <summary>Input that can't be accepted: 400 with the messages by field.</summary>
/// <param name="messages">Messages by wire field name.</param>
public sealed class ValidationException(IReadOnlyDictionary<string, IReadOnlyList<string>> messages)
    : PulpException(string.Join(" ", messages.SelectMany(m => m.Value.Select(text => $"{m.Key}: {text}"))))
{
    /// <summary>One field, one message.</summary>
    /// <param name="field">The field's wire name.</param>
    /// <param name="message">A sentence for the client.</param>
    public ValidationException(string field, string message)
        : this(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [field] = [message] }) { }

    /// <summary>Messages by wire field name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Messages { get; } = messages;

    /// <inheritdoc />
    public override string Code => "PLP0400";

    /// <inheritdoc />
    public override int Status => 400;
}

/// <summary>Unreadable or senseless request: 400 with one sentence.</summary>
/// <param name="message">A sentence for the client.</param>
public sealed class BadRequestException(string message) : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => "PLP0401";

    /// <inheritdoc />
    public override int Status => 400;
}

/// <summary>What was asked for doesn't exist, or may not be seen: 404.</summary>
/// <param name="message">A sentence for the client.</param>
public sealed class NotFoundException(string message = "Not found.") : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => "PLP0404";

    /// <inheritdoc />
    public override int Status => 404;
}

/// <summary>The state of the resource forbids it: 409.</summary>
/// <param name="message">A sentence for the client.</param>
public sealed class ConflictException(string message) : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => "PLP0409";

    /// <inheritdoc />
    public override int Status => 409;
}

/// <summary>The right is missing: 403.</summary>
/// <param name="message">A sentence for the client.</param>
public sealed class ForbiddenException(string message = "You do not have permission to perform this action.")
    : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => "PLP0403";

    /// <inheritdoc />
    public override int Status => 403;
}

/// <summary>The database can't be reached: 503, worth a retry.</summary>
/// <param name="inner">What the driver said.</param>
public sealed class DatabaseUnavailableException(Exception inner)
    : PulpException("The database can't be reached at the moment.", inner)
{
    /// <inheritdoc />
    public override string Code => "PLP0503";

    /// <inheritdoc />
    public override int Status => 503;

    /// <inheritdoc />
    public override TimeSpan? RetryAfter => TimeSpan.FromSeconds(5);
}

/// <summary>A task has a repository for itself: 503, worth a retry.</summary>
/// <param name="repository">The repository's name.</param>
public sealed class RepositoryBusyException(string repository)
    : PulpException($"A task is changing the repository '{repository}'. Try again when it has ended.")
{
    /// <inheritdoc />
    public override string Code => "PLP0506";

    /// <inheritdoc />
    public override int Status => 503;

    /// <inheritdoc />
    public override TimeSpan? RetryAfter => TimeSpan.FromSeconds(10);
}

/// <summary>An upstream didn't give what it should: the message says what, where and which item.</summary>
/// <param name="message">A sentence for the user, without credentials.</param>
/// <param name="inner">What caused it, for the log.</param>
public sealed class UpstreamException(string message, Exception? inner = null) : PulpException(message, inner)
{
    /// <inheritdoc />
    public override string Code => "PLP0502";

    /// <inheritdoc />
    public override int Status => 502;

    /// <summary>The upstream's HTTP status, where it answered.</summary>
    public int? UpstreamStatus { get; init; }
}

/// <summary>More bytes than are allowed: 413.</summary>
/// <param name="limit">How many are allowed.</param>
public sealed class FileTooLargeException(long limit)
    : PulpException($"The file is larger than the {limit} bytes that are allowed.")
{
    /// <inheritdoc />
    public override string Code => "PLP0413";

    /// <inheritdoc />
    public override int Status => 413;
}

/// <summary>A piece of an upload doesn't begin where the upload ends so far: 416.</summary>
/// <param name="size">How many bytes there are.</param>
public sealed class UploadRangeException(long size)
    : PulpException($"The upload has {size} bytes: the next piece begins there.")
{
    /// <summary>How many bytes there are.</summary>
    public long Size { get; } = size;

    /// <inheritdoc />
    public override string Code => "PLP0416";

    /// <inheritdoc />
    public override int Status => 416;
}

/// <summary>A digest or size isn't what was promised.</summary>
/// <param name="message">Which item, what was expected, what was found.</param>
public sealed class DigestException(string message) : PulpException(message)
{
    /// <inheritdoc />
    public override string Code => "PLP0003";

    /// <inheritdoc />
    public override int Status => 400;
}
