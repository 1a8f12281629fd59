using System.CommandLine;
using Pulp.Host.Commands;

return await PulpCommand
    .Make()
    .Parse(args)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
