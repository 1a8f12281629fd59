using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of content.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IContentKind<T> : IKind<T, IContentKind<T>>
    where T : Content
{
    /// <summary>
    /// The unit is made of exactly one file: the API takes uploads for it, as a task and synchronously.
    /// </summary>
    /// <param name="complete">Fills in what the file tells.</param>
    /// <param name="relativePath">Where the file is found below a distribution's base path.</param>
    IContentKind<T> FromSingleArtifact(Func<T, Artifact, T> complete, Func<T, string> relativePath);

    /// <summary>
    /// The unit is made from a file: the API takes uploads for it, as a task and synchronously, and the plugin reads the unit from the
    /// file. Of several files the first that is declared is the unit's artifact.
    /// </summary>
    /// <param name="read">
    /// Answers the unit with its files, of which the uploaded one is one; it is given the unit as far as the request tells. What is
    /// wrong with the file is thrown as a <see cref="Errors.ValidationException"/>.
    /// </param>
    IContentKind<T> FromFile(Func<T, UploadedFile, CancellationToken, ValueTask<DeclaredContent>> read);

    /// <summary>The same with more fields of the request, which aren't the unit's own and aren't stored.</summary>
    /// <typeparam name="TInput">A record whose <c>[Field]</c>s the request may carry beside the unit's.</typeparam>
    /// <param name="read">As above; it is given what the request says of these fields.</param>
    IContentKind<T> FromFile<TInput>(Func<T, TInput, UploadedFile, CancellationToken, ValueTask<DeclaredContent>> read)
        where TInput : class;

    /// <summary>
    /// A field holds the id of another unit. A unit that another one refers to is no orphan, and a repository version that holds the
    /// one holds the other too: it comes with it, and stays as long as it is referred to.
    /// </summary>
    /// <typeparam name="TOther">The kind that is referred to.</typeparam>
    /// <param name="property">The property, a field with <see cref="Fields.FieldAttribute.References"/>; its column needs an index.</param>
    IContentKind<T> RefersTo<TOther>(string property)
        where TOther : Content;

    /// <summary>The same for many units, whose ids stand in a table of their own.</summary>
    /// <typeparam name="TOther">The kind that is referred to.</typeparam>
    /// <param name="table">The table, made by <see cref="Migrations.SchemaBuilder.CreateReferenceTable"/>.</param>
    /// <param name="member">The member that shows their hrefs, in snake_case.</param>
    IContentKind<T> RefersTo<TOther>(string table, string member)
        where TOther : Content;
}
