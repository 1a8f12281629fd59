using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Plugin;

/// <summary>What can be said of every kind of resource.</summary>
/// <typeparam name="T">Its record.</typeparam>
/// <typeparam name="TSelf">The kind's own interface, so that calls can follow each other.</typeparam>
public interface IKind<T, TSelf>
    where T : PulpResource
    where TSelf : IKind<T, TSelf>
{
    /// <summary>Leaves out operations that the family has. What isn't there anyway may be named, too.</summary>
    /// <param name="operations">Those to leave out.</param>
    TSelf Without(Operations operations);

    /// <summary>Changes how a field, own or inherited, is given and shown.</summary>
    /// <param name="property">Name of the record's property.</param>
    /// <param name="change">What is different.</param>
    /// <exception cref="InvalidOperationException">
    /// The record has no such field, or the change makes no sense of it: a default of another type or beside the choices.
    /// </exception>
    TSelf Field(string property, FieldChange change);

    /// <summary>
    /// A member that the database works out when the resource is shown; it is never accepted. <typeparamref name="TValue"/> is the
    /// type of an ordinary field (<c>string</c>, <c>long</c>, <c>double</c>, <c>bool</c>, <c>DateTimeOffset</c>, each also nullable),
    /// a <c>Guid</c> with <paramref name="references"/> for an href, a <c>JsonText</c> for JSON, or a list of texts
    /// (<c>IReadOnlyList&lt;string&gt;</c>) or of ids (<c>IReadOnlyList&lt;Guid&gt;</c>) for a list of hrefs.
    /// </summary>
    /// <typeparam name="TValue">Type of the value.</typeparam>
    /// <param name="member">Its name on the wire.</param>
    /// <param name="value">
    /// An expression on the row, whose tables are <c>m</c> (the family's) and <c>d</c> (the plugin's): <c>m.pulp_id</c>,
    /// <c>d.digest</c>. For a list, a select whose one column is called <c>value</c>. It holds no values: it is the same for all rows.
    /// </param>
    /// <param name="help">One sentence for the API document.</param>
    /// <param name="references">What the ids are of: a record that is declared as a kind, or the base record of a family.</param>
    /// <exception cref="InvalidOperationException">There is a member of that name, or the type can't be shown.</exception>
    TSelf Shows<TValue>(string member, SqlText value, string help, Type? references = null);

    /// <summary>
    /// Shows in the API document that requests may carry a member of <see cref="Shows"/>, for clients that send back what they read.
    /// It changes nothing: what it shows follows from something else.
    /// </summary>
    /// <param name="member">Its name on the wire.</param>
    /// <exception cref="InvalidOperationException">Nothing of that name is shown.</exception>
    TSelf TakesBack(string member);

    /// <summary>
    /// A filter of the kind's list beside those that its fields ask for. A <see cref="Errors.ValidationException"/> from it is
    /// answered with 400, like a value that can't be read.
    /// </summary>
    /// <typeparam name="TValue">
    /// <c>string</c>, <c>long</c>, <c>double</c>, <c>bool</c>, <c>DateTimeOffset</c> or <c>Guid</c>: the value is read as that. With
    /// <c>IReadOnlyList&lt;string&gt;</c> it is a list of texts with commas between them.
    /// </typeparam>
    /// <param name="name">The query parameter.</param>
    /// <param name="condition">The condition on the row (tables <c>m</c> and <c>d</c>, as in a shown member) for a value.</param>
    TSelf Filter<TValue>(string name, Func<TValue, SqlText> condition)
        where TValue : notnull;

    /// <summary>
    /// An operation on one resource of the kind: <c>POST {href}verb/</c>, or GET. Whoever may do it is let in by the access gate
    /// before anything is read.
    /// </summary>
    /// <typeparam name="TBody">
    /// A record whose <c>[Field]</c>s are the body's members; a list of hrefs is an <c>IReadOnlyList&lt;Guid&gt;</c> with
    /// <c>References</c>. What is wrong with the body is answered with 400, all at once. <see cref="NoBody"/> takes none.
    /// </typeparam>
    /// <param name="verb">Last part of the path, and the action's name in access policies.</param>
    /// <param name="permission">What the standard policy asks for, in full: <c>file.modify_filerepository</c>.</param>
    /// <param name="run">Does it.</param>
    /// <param name="options">Method and answer, where it isn't a POST that answers a task.</param>
    TSelf Action<TBody>(
        string verb,
        string permission,
        Func<ActionRequest<T, TBody>, CancellationToken, Task<ActionAnswer>> run,
        ActionOptions? options = null
    )
        where TBody : class;

    /// <summary>An operation on the kind as a whole: <c>POST {list}verb/</c>, or GET.</summary>
    /// <typeparam name="TBody">As with <see cref="Action{TBody}"/>.</typeparam>
    /// <param name="verb">Last part of the path, and the action's name in access policies.</param>
    /// <param name="permission">What the standard policy asks for, in full.</param>
    /// <param name="run">Does it.</param>
    /// <param name="options">Method and answer, where it isn't a POST that answers a task.</param>
    TSelf KindAction<TBody>(
        string verb,
        string permission,
        Func<KindActionRequest<TBody>, CancellationToken, Task<ActionAnswer>> run,
        ActionOptions? options = null
    )
        where TBody : class;

    /// <summary>
    /// Permissions beside those that every kind has (<c>add</c>, <c>change</c>, <c>delete</c>, <c>view</c>, <c>manage_roles</c>; of
    /// repositories also <c>sync</c>, <c>modify</c> and <c>repair</c>).
    /// </summary>
    /// <param name="permissions">In full, with the plugin's label: <c>file.refresh_filealternatecontentsource</c>.</param>
    TSelf Permissions(params IReadOnlyList<string> permissions);

    /// <summary>
    /// Adds the three roles that Pulp's kinds have: <c>label.model_creator</c> may add one, <c>label.model_viewer</c> view it,
    /// <c>label.model_owner</c> view and delete it, manage who has roles on it, and what is named here.
    /// </summary>
    /// <param name="owner">What the owner may as well: <c>change</c>, <c>sync</c>.</param>
    TSelf UsualRoles(params IReadOnlyList<string> owner);

    /// <summary>Creating and changing one need these conditions beside what the standard asks for.</summary>
    /// <param name="conditions">The conditions, such as those of <see cref="AccessConditions"/>.</param>
    TSelf WritingNeeds(params IReadOnlyList<string> conditions);

    /// <summary>
    /// How its access policy deviates from the standard. An action or permission that isn't there stops the start.
    /// </summary>
    /// <param name="policy">The deviations.</param>
    TSelf Access(AccessPolicy policy);

    /// <summary>
    /// Which resources somebody sees who isn't an administrator, where that isn't by the permission to view them.
    /// </summary>
    /// <param name="seen">
    /// Makes the condition, with the alias <c>m</c> for the family's table and <c>d</c> for the plugin's.
    /// </param>
    [Experimental(Unsettled.Conditions)]
    TSelf Scope(Func<ISeenResources, SqlText> seen);

    /// <summary>
    /// Rules beyond the fields' own, at creation and at each update, in the request and again in its task (of uploads and publications
    /// in the request alone). What they find is answered
    /// together with what is wrong with single fields; of a field that is wrong already no more is said. Several may be given.
    /// </summary>
    /// <param name="rules">
    /// Gets the resource as it would become, where a field that couldn't be read has its default, and says what is wrong.
    /// </param>
    TSelf Validate(Func<T, ValidationContext<T>, CancellationToken, Task> rules);

    /// <summary>
    /// Stores more rows of the plugin's own in the transaction that creates or changes a resource, such as what its fields tell about
    /// others. Content and publications aren't stored like this. Several may be given.
    /// </summary>
    /// <param name="save">
    /// Gets the resource as it is stored now, and the database inside the transaction. It may be called again when the database gave
    /// the transaction up for the sake of others.
    /// </param>
    TSelf AlsoSave(Func<T, IDb, CancellationToken, Task> save);
}
