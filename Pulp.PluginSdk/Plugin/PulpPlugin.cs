using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Publishing;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Plugin;

/// <summary>
/// A plugin: one public subclass with a parameterless constructor in the plugin's assembly. An abstract class, so that members
/// can be added without breaking plugins that are built already.
/// </summary>
public abstract class PulpPlugin
{
    /// <summary>Who it is.</summary>
    public abstract PluginIdentity Identity { get; }

    /// <summary>Declares everything it offers. Called once, before the server starts.</summary>
    /// <param name="plugin">Takes the declarations.</param>
    public abstract void Configure(IPluginBuilder plugin);
}

/// <summary>Who a plugin is.</summary>
/// <param name="AppLabel">Short label: first part of types, tables and paths.</param>
/// <param name="Version">The wire version of the component, by which clients decide which features they use.</param>
public sealed record PluginIdentity(string AppLabel, string Version);

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
    /// <param name="typeName">Second part of its type, and last of its path.</param>
    void Remote<T>(string typeName)
        where T : Remote;

    /// <summary>A kind of repository.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type, and last of its path.</param>
    IRepositoryKind<T> Repository<T>(string typeName)
        where T : Repository;

    /// <summary>A kind of publication.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type, and last of its path.</param>
    IPublicationKind<T> Publication<T>(string typeName)
        where T : Publication;

    /// <summary>A kind of distribution.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <param name="typeName">Second part of its type, and last of its path.</param>
    IDistributionKind<T> Distribution<T>(string typeName)
        where T : Distribution;

    /// <summary>A kind of alternate content source; refreshing it syncs its paths into hidden repositories.</summary>
    /// <typeparam name="T">Its record.</typeparam>
    /// <typeparam name="TRepository">The kind of repository whose sync reads it.</typeparam>
    /// <param name="typeName">Second part of its type, and last of its path.</param>
    void AlternateContentSource<T, TRepository>(string typeName)
        where T : AlternateContentSource
        where TRepository : Repository;

    /// <summary>A task beside those that follow from the kinds.</summary>
    /// <typeparam name="TTask">A <see cref="Tasks.PulpTask{TArgs}"/> with a <see cref="Tasks.PulpTaskAttribute"/>.</typeparam>
    void Task<TTask>()
        where TTask : class;

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
    /// Routes outside the REST API, such as <c>/v2/</c> or <c>/pypi/</c>. They need a signed-in user unless a route says
    /// <c>AllowAnonymous()</c>.
    /// </summary>
    /// <param name="mount">Path they all begin with.</param>
    /// <param name="routes">Adds them.</param>
    void Routes(string mount, Action<IEndpointRouteBuilder> routes);
}

/// <summary>More about a kind of content.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IContentKind<T>
    where T : Content
{
    /// <summary>
    /// The unit is made of exactly one file: the API takes uploads for it, as a task and synchronously.
    /// </summary>
    /// <param name="complete">Fills in what the file tells.</param>
    /// <param name="relativePath">Where the file is found below a distribution's base path.</param>
    IContentKind<T> FromSingleArtifact(Func<T, Artifact, T> complete, Func<T, string> relativePath);

    /// <summary>Rules beyond the fields' own.</summary>
    /// <param name="validate">Says what is wrong.</param>
    IContentKind<T> Validate(Action<T, ValidationErrors> validate);
}

/// <summary>More about a kind of repository.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IRepositoryKind<T>
    where T : Repository
{
    /// <summary>A kind of content it may hold.</summary>
    /// <typeparam name="TContent">The kind.</typeparam>
    IRepositoryKind<T> Holds<TContent>()
        where TContent : Content;

    /// <summary>How it is synced.</summary>
    /// <typeparam name="TPlan">A <see cref="SyncPlan{TRepository,TRemote}"/>.</typeparam>
    /// <param name="taskName">The task's name on the wire.</param>
    IRepositoryKind<T> SyncsWith<TPlan>(string taskName)
        where TPlan : class;

    /// <summary>Publishes each new version by itself where the repository asks for it.</summary>
    /// <typeparam name="TPublication">The kind of publication.</typeparam>
    /// <param name="wanted">The publication to make, or null for none.</param>
    IRepositoryKind<T> Autopublishes<TPublication>(Func<T, TPublication?> wanted)
        where TPublication : Publication;
}

/// <summary>More about a kind of publication.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IPublicationKind<T>
    where T : Publication
{
    /// <summary>Who writes it.</summary>
    /// <typeparam name="TPublisher">The publisher.</typeparam>
    /// <param name="taskName">The task's name on the wire.</param>
    IPublicationKind<T> WrittenBy<TPublisher>(string taskName)
        where TPublisher : class, IPublisher<T>;
}

/// <summary>More about a kind of distribution.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IDistributionKind<T>
    where T : Distribution
{
    /// <summary>It serves publications: of a repository or version, the newest publication there is.</summary>
    IDistributionKind<T> ServesPublications();

    /// <summary>It answers some requests itself.</summary>
    /// <typeparam name="THandler">The handler.</typeparam>
    IDistributionKind<T> AnsweredBy<THandler>()
        where THandler : class, IContentHandler;
}
