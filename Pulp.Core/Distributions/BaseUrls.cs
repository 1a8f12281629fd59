using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Distributions;

/// <summary>The member <c>base_url</c>, or the one that a kind has in its place: below the content application, or where the plugin serves it.</summary>
internal static class BaseUrls
{
    public static OutputField Member(
        ResourceKind kind,
        KindContext context,
        Func<Distribution, ServerAddress, string>? ownUrl,
        string member
    )
    {
        var schema = Schemas.Text("The URL for accessing the publication as defined by this distribution.").ReadOnly();
        var server = AddressOf(context.Settings);
        if (ownUrl is null)
        {
            var content = server.Origin + server.ContentPath;
            return new OutputField(
                member,
                ["m.base_path"],
                (json, row, at) => json.WriteStringValue($"{content}{row.Domain.Segment}{row.Text(at)}/"),
                schema
            );
        }

        var mapper = new RecordMapper(kind, context.Secrets);
        return new OutputField(
            member,
            mapper.EachColumn,
            (json, row, at) =>
                json.WriteStringValue(
                    ownUrl((Distribution)mapper.Read(row, at), server with { DomainPath = row.Domain.Segment })
                ),
            schema
        );
    }

    public static ServerAddress AddressOf(PulpSettings settings)
    {
        var origin = settings.ContentOrigin.TrimEnd('/');
        return new ServerAddress
        {
            Origin = origin,
            Host = Uri.TryCreate(origin, UriKind.Absolute, out var uri) ? uri.Authority : "",
            ContentPath = settings.ContentPathPrefix,
        };
    }
}
