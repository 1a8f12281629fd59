using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Pulp.Architecture.Tests;

/// <summary>Which part of Core uses which, read from the compiled assembly: whatever a type names, in its members and in their code.</summary>
internal static class CompiledDependencies
{
    private const string Root = "Pulp.Core.";

    /// <summary>Pairs of a type and a part that it uses and doesn't belong to.</summary>
    public static IReadOnlyList<(string Type, string From, string To)> Read(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        return
        [
            .. module
                .GetTypes()
                .SelectMany(type =>
                    Used(type)
                        .Select(used => (Type: OuterOf(type).FullName, From: PartOf(type), To: PartOf(used)))
                        .Where(use => use is { From.Length: > 0, To.Length: > 0 } && use.From != use.To)
                )
                .Distinct(),
        ];
    }

    /// <summary>The feature, or the part of the platform: <c>Repositories</c>, <c>Platform.Data</c>; empty for what belongs to none.</summary>
    private static string PartOf(TypeReference type)
    {
        var name = OuterOf(type).Namespace;
        if (!name.StartsWith(Root, StringComparison.Ordinal))
        {
            return "";
        }

        var parts = name[Root.Length..].Split('.');
        return parts[0] == "Platform" && parts.Length > 1 ? $"Platform.{parts[1]}" : parts[0];
    }

    private static TypeReference OuterOf(TypeReference type) => type.DeclaringType is { } outer ? OuterOf(outer) : type;

    private static IEnumerable<TypeReference> Used(TypeDefinition type)
    {
        TypeReference?[] own =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.Fields.Select(f => f.FieldType),
            .. type.CustomAttributes.Select(a => a.AttributeType),
        ];
        return own.Concat(type.Methods.SelectMany(Used)).OfType<TypeReference>().SelectMany(Whole);
    }

    private static IEnumerable<TypeReference?> Used(MethodDefinition method) =>
        [
            method.ReturnType,
            .. method.Parameters.Select(p => p.ParameterType),
            .. method.HasBody ? method.Body.Variables.Select(v => v.VariableType) : [],
            .. method.HasBody ? method.Body.Instructions.SelectMany(Used) : [],
        ];

    private static IEnumerable<TypeReference?> Used(Instruction instruction) =>
        instruction.Operand switch
        {
            GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments],
            MethodReference method => [method.DeclaringType],
            FieldReference field => [field.DeclaringType, field.FieldType],
            TypeReference type => [type],
            _ => [],
        };

    /// <summary>The type, what it is an array or pointer of, and its arguments.</summary>
    private static IEnumerable<TypeReference> Whole(TypeReference type) =>
        type switch
        {
            GenericInstanceType generic => generic.GenericArguments.SelectMany(Whole).Append(generic.ElementType),
            TypeSpecification specification => Whole(specification.ElementType),
            GenericParameter => [],
            _ => [type],
        };
}
