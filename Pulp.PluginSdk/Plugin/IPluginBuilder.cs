using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Signing;

namespace Pulp.PluginSdk.Plugin;

/// <summary>Takes a plugin's declarations. Each call declares one kind; order doesn't matter.</summary>
public interface IPluginBuilder
{
    /// <summary>The plugin's services, for what its tasks and handlers need.</summary>
    IServiceCollection Services { get; }

    /// <summary>A kind of content.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="pathName">Last part of its path in the API, plural.</param>
    IContentKind<T> Content<T>(string typeName, string pathName)
        where T : Content;

    /// <summary>A kind of remote.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="pathName">Last part of its path in the API; null for the type name.</param>
    IRemoteKind<T> Remote<T>(string typeName, string? pathName = null)
        where T : Remote;

    /// <summary>A kind of repository.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="pathName">Last part of its path in the API; null for the type name.</param>
    IRepositoryKind<T> Repository<T>(string typeName, string? pathName = null)
        where T : Repository;

    /// <summary>A kind of publication.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="pathName">Last part of its path in the API; null for the type name.</param>
    IPublicationKind<T> Publication<T>(string typeName, string? pathName = null)
        where T : Publication;

    /// <summary>A kind of distribution.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="pathName">Last part of its path in the API; null for the type name.</param>
    IDistributionKind<T> Distribution<T>(string typeName, string? pathName = null)
        where T : Distribution;

    /// <summary>A kind of content guard: who may download what distributions serve that name one.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="pathName">Last part of its path in the API; null for the type name.</param>
    IContentGuardKind<T> ContentGuard<T>(string typeName, string? pathName = null)
        where T : ContentGuard;

    /// <summary>A kind of alternate content source; refreshing it syncs its paths into hidden repositories.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <typeparam name="TRepository">The kind of repository whose sync reads it.</typeparam>
    /// <param name="typeName">Second part of its type, and last of its path.</param>
    IAlternateContentSourceKind<T> AlternateContentSource<T, TRepository>(string typeName)
        where T : AlternateContentSource
        where TRepository : Repository;

    /// <summary>
    /// A kind of resource that belongs to none of the families. Its table is made by <c>CreateResourceTable</c>; labels are there
    /// where the record has a property <c>PulpLabels</c>.
    /// </summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type.</param>
    /// <param name="path">Its path in the API, such as <c>pulp_container/namespaces</c>; below a parent, the last part of it.</param>
    IResourceKind<T> Resource<T>(string typeName, string path)
        where T : PulpResource;

    /// <summary>A role that comes with the plugin.</summary>
    /// <param name="role">Its name and permissions, those of the plugin's kinds or of core.</param>
    void Role(Role role);

    /// <summary>
    /// A condition of the plugin's own for access policies: <c>name</c> or <c>name:argument</c> in statements of its kinds, and in
    /// those that administrators write.
    /// </summary>
    /// <param name="name">Small letters and <c>_</c>; no other plugin's, and none of Pulp's own.</param>
    /// <param name="holds">Whether it is fulfilled.</param>
    /// <param name="readsRequest">
    /// It looks at members of what was sent: then it is asked once that has been read, and counts as fulfilled until then.
    /// </param>
    [Experimental(Unsettled.Conditions)]
    void Condition(
        string name,
        Func<AccessQuestion, CancellationToken, ValueTask<bool>> holds,
        bool readsRequest = false
    );

    /// <summary>
    /// An access policy beside those of the kinds, for what routes do: <c>pypi/simple</c>. Administrators find it among all policies and
    /// may write it anew; routes ask it by <see cref="IAccess.MayAsync(Caller, string, string, PulpResource, bool, CancellationToken)"/>.
    /// Its statements are all that it says: nothing follows by itself.
    /// </summary>
    /// <param name="name">Small letters, digits, <c>-</c>, <c>_</c> and <c>/</c>; no other policy's.</param>
    /// <param name="policy">Its statements, with conditions on the resource that is asked about.</param>
    [Experimental(Unsettled.Conditions)]
    void Policy(string name, AccessPolicy policy);

    /// <summary>A task beside those that follow from the kinds.</summary>
    /// <typeparam name="TTask">A <see cref="Tasks.PulpTask{TArgs}"/> with a <see cref="Tasks.PulpTaskAttribute"/>.</typeparam>
    void Task<TTask>()
        where TTask : class;

    /// <summary>
    /// A way in which scripts sign for the plugin: <c>pulp admin add-signing-service --class label:Name</c> tries it.
    /// </summary>
    /// <param name="signing">What is asked of them.</param>
    [Experimental(Unsettled.Signing)]
    void SigningClass(SigningClass signing);

    /// <summary>The plugin's schema, in order.</summary>
    /// <param name="migrations">The steps.</param>
    void Migrations(params IReadOnlyList<Migration> migrations);

    /// <summary>
    /// Settings of the plugin's own, read from all of Pulp's sources under its prefix and checked at start. The record's
    /// properties are the settings; <c>MaxSize</c> of the plugin <c>file</c> is <c>FILE_MAX_SIZE</c>.
    /// </summary>
    /// <typeparam name="T">The record; its initializers are the defaults.</typeparam>
    /// <param name="validate">Says what can't work.</param>
    void Settings<T>(Action<T, ValidationErrors>? validate = null)
        where T : class, new();

    /// <summary>
    /// The same under another prefix: <c>PathPrefix</c> is <c>PYPI_PATH_PREFIX</c> with the prefix <c>PYPI_</c>, and <c>TokenServer</c>
    /// is <c>TOKEN_SERVER</c> with none. A name that the server or another plugin has is a fault of the start.
    /// </summary>
    /// <typeparam name="T">The record; its initializers are the defaults.</typeparam>
    /// <param name="prefix">What the names begin with, capitals and <c>_</c>; may be empty.</param>
    /// <param name="validate">Says what can't work.</param>
    void Settings<T>(string prefix, Action<T, ValidationErrors>? validate = null)
        where T : class, new();

    /// <summary>
    /// The settings that were declared as this record. They have their values when the plugin has declared everything: it is for what
    /// asks later, such as <see cref="Routes(Func{string}, MountOptions, Action{IEndpointRouteBuilder})"/>.
    /// </summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <exception cref="InvalidOperationException">They weren't declared.</exception>
    T SettingsOf<T>()
        where T : class, new();

    /// <summary>
    /// Routes outside the REST API, such as <c>/v2/</c> or <c>/pypi/</c>. Their patterns begin behind the mount. A mount is found
    /// before anything else is looked at, so that a route which takes all paths below it costs no more than another.
    /// </summary>
    /// <param name="mount">Path they all begin with; not below nor above those of the API and of content.</param>
    /// <param name="options">What holds for all of them.</param>
    /// <param name="routes">Adds them.</param>
    /// <exception cref="InvalidOperationException">The mount is no path of its own.</exception>
    void Routes(string mount, MountOptions options, Action<IEndpointRouteBuilder> routes);

    /// <summary>The same where a setting says the mount.</summary>
    /// <param name="mount">Says it, once the settings are read.</param>
    /// <param name="options">What holds for all of them.</param>
    /// <param name="routes">Adds them.</param>
    void Routes(Func<string> mount, MountOptions options, Action<IEndpointRouteBuilder> routes);
}
