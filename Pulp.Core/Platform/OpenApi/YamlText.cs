using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The API document as YAML.</summary>
internal static class YamlText
{
    public static byte[] From(JsonNode? node) =>
        Encoding.UTF8.GetBytes(
            new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(Plain(node) ?? "")
        );

    private static object? Plain(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.ToDictionary(m => m.Key, m => Plain(m.Value), StringComparer.Ordinal),
            JsonArray items => items.Select(Plain).ToList(),
            JsonValue value => value.GetValueKind() switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => value.TryGetValue<long>(out var whole) ? whole : value.GetValue<double>(),
                _ => value.GetValue<string>(),
            },
            _ => null,
        };
}
