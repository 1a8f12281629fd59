using System.Reflection;
using System.Runtime.CompilerServices;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of any family; what makes no sense is refused while the plugin declares it.</summary>
internal abstract class Kind<T, TSelf> : IKind<T, TSelf>
    where T : PulpResource
    where TSelf : IKind<T, TSelf>
{
    protected abstract TSelf Self { get; }

    protected abstract KindDeclaration Declared { get; }

    public TSelf Without(Operations operations)
    {
        Declared.Without |= operations;
        return Self;
    }

    public TSelf Field(string property, FieldChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var declared = typeof(T).GetProperty(property);
        if (declared?.GetCustomAttribute<FieldAttribute>() is not { } field)
        {
            throw Refused(property, "the record has no such field");
        }

        if (change.Default is { } value)
        {
            if ((Nullable.GetUnderlyingType(declared.PropertyType) ?? declared.PropertyType) != value.GetType())
            {
                throw Refused(property, $"its default can't be of type {value.GetType().Name}");
            }

            if ((change.Choices ?? field.Choices) is { } choices && !choices.Contains(value))
            {
                throw Refused(property, $"its default '{value}' is none of its choices");
            }
        }

        if (
            change.Default is null
            && (change.Hidden || change.Required == false)
            && declared.GetCustomAttribute<RequiredMemberAttribute>() is not null
        )
        {
            throw Refused(property, "who needn't give it needs a default");
        }

        Declared.FieldChanges[property] = change;
        return Self;
    }

    public TSelf Shows<TValue>(string member, SqlText value, string help, Type? references = null)
    {
        var list = typeof(TValue) == typeof(IReadOnlyList<string>) || typeof(TValue) == typeof(IReadOnlyList<Guid>);
        var type = FieldTypes.Of(list ? typeof(TValue).GenericTypeArguments[0] : typeof(TValue));
        if (type is not { } known)
        {
            throw Refused(member, $"nothing of type {typeof(TValue).Name} can be shown");
        }

        if (known == FieldType.Reference != references is not null)
        {
            throw Refused(member, "ids say what they are of, and nothing else does");
        }

        Declared.Shown.Add(new ShownMember(member, known, list, value, help, references));
        return Self;
    }

    public TSelf TakesBack(string member)
    {
        var shown =
            Declared.Shown.Find(s => s.Name == member) ?? throw Refused(member, "nothing of that name is shown");
        Declared.TakenBack.Add(shown);
        return Self;
    }

    public TSelf Filter<TValue>(string name, Func<TValue, SqlText> condition)
        where TValue : notnull
    {
        var list = typeof(TValue) == typeof(IReadOnlyList<string>);
        if (
            FieldTypes.Of(list ? typeof(string) : typeof(TValue)) is not { } type
            || type is FieldType.Json or FieldType.References
        )
        {
            throw Refused(name, $"a filter can't be of type {typeof(TValue).Name}");
        }

        Declared.Filters.Add(new FilterDeclaration(name, type, list, value => condition((TValue)value)));
        return Self;
    }

    public TSelf Action<TBody>(
        string verb,
        string permission,
        Func<ActionRequest<T, TBody>, CancellationToken, Task<ActionAnswer>> run,
        ActionOptions? options = null
    )
        where TBody : class
    {
        Declared.Actions.Add(
            ActionDeclaration.Of<TBody>(ActionTarget.Resource, verb, permission, options) with
            {
                Run = (call, cancellationToken) =>
                    run(
                        new ActionRequest<T, TBody>
                        {
                            Resource = (T)(call.Resource ?? throw new InvalidOperationException("It has no resource.")),
                            Body = (TBody)call.Body,
                            Caller = call.Caller,
                            Tasks = call.Tasks,
                            Db = call.Db,
                            Services = call.Services,
                            Host = call.Host,
                        },
                        cancellationToken
                    ),
            }
        );
        return Self;
    }

    public TSelf KindAction<TBody>(
        string verb,
        string permission,
        Func<KindActionRequest<TBody>, CancellationToken, Task<ActionAnswer>> run,
        ActionOptions? options = null
    )
        where TBody : class
    {
        Declared.Actions.Add(
            ActionDeclaration.Of<TBody>(ActionTarget.Kind, verb, permission, options) with
            {
                Run = (call, cancellationToken) =>
                    run(
                        new KindActionRequest<TBody>
                        {
                            Body = (TBody)call.Body,
                            Caller = call.Caller,
                            Tasks = call.Tasks,
                            Db = call.Db,
                            Services = call.Services,
                            Host = call.Host,
                        },
                        cancellationToken
                    ),
            }
        );
        return Self;
    }

    public TSelf Permissions(params IReadOnlyList<string> permissions)
    {
        Declared.Permissions.AddRange(permissions);
        return Self;
    }

    public TSelf UsualRoles(params IReadOnlyList<string> owner)
    {
        var kind = $"{Declared.App}.{Declared.Record.Name.ToLowerInvariant()}";
        void Add(string name, params IEnumerable<string> verbs) =>
            Declared.Roles.Add(
                new Role { Name = $"{kind}_{name}", Permissions = [.. verbs.Select(Declared.Permission)] }
            );
        Add("creator", "add");
        Add("owner", ["view", "delete", "manage_roles", .. owner]);
        Add("viewer", "view");
        return Self;
    }

    public TSelf WritingNeeds(params IReadOnlyList<string> conditions)
    {
        Declared.WritingNeeds.AddRange(conditions);
        return Self;
    }

    public TSelf Access(AccessPolicy policy)
    {
        Declared.GivenPolicy = policy;
        return Self;
    }

    public TSelf Scope(Func<ISeenResources, SqlText> seen)
    {
        Declared.Scope = seen;
        return Self;
    }

    public TSelf Validate(Func<T, ValidationContext<T>, CancellationToken, Task> rules)
    {
        Declared.Rules.Add(
            (resource, current, db, errors, cancellationToken) =>
                rules(
                    (T)resource,
                    new ValidationContext<T>
                    {
                        Errors = errors,
                        Db = new PluginDb(db),
                        Current = (T?)current,
                    },
                    cancellationToken
                )
        );
        return Self;
    }

    public TSelf AlsoSave(Func<T, IDb, CancellationToken, Task> save)
    {
        Declared.AlsoSaves.Add((resource, db, token) => save((T)resource, new PluginDb(db), token));
        return Self;
    }

    protected static InvalidOperationException Refused(string what, string why) =>
        new($"{typeof(T).Name}: {what}: {why}.");
}
