namespace Pulp.Core.Platform.Http;

/// <summary>Every API request carries a correlation id: the client's where it is a UUID, else one made here.</summary>
internal sealed class CorrelationIds(RequestDelegate next)
{
    public const string Header = "Correlation-ID";

    public Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[Header].ToString();
        var id = Guid.TryParse(given, out var parsed)
            ? parsed.ToString("N") == given
                ? given
                : parsed.ToString()
            : Guid.NewGuid().ToString("N");
        context.Items[typeof(CorrelationIds)] = id;
        context.Response.Headers[Header] = id;
        context.Response.Headers["Access-Control-Expose-Headers"] = Header;
        context.Response.Headers.Vary = "Accept";
        return next(context);
    }

    public static string Of(HttpContext context) => context.Items[typeof(CorrelationIds)] as string ?? "";
}
