using Microsoft.AspNetCore.Http.Features;

namespace Pulp.Core.Routes;

/// <summary>A request's form, as large as its route allows. What isn't a form is the client's fault.</summary>
internal sealed class LimitedForm(HttpRequest request, long? maxBytes) : IFormFeature
{
    // The whole is limited; the framework's 128 MiB for one file of it aren't wanted.
    private readonly FormFeature _inner = new(
        request,
        new FormOptions { MultipartBodyLengthLimit = maxBytes ?? long.MaxValue }
    );

    public bool HasFormContentType => _inner.HasFormContentType;

    public IFormCollection? Form
    {
        get => _inner.Form;
        set => _inner.Form = value;
    }

    // The framework's interface has this form too, and its own implementation waits in the same way.
    public IFormCollection ReadForm() => ReadFormAsync(request.HttpContext.RequestAborted).GetAwaiter().GetResult();

    public async Task<IFormCollection> ReadFormAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _inner.ReadFormAsync(cancellationToken);
        }
        catch (InvalidDataException error)
        {
            throw new BadRequestException($"The form can't be read. {error.Message}");
        }
    }
}
