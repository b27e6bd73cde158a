using Anax.Runtime;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Microsoft.Extensions.Logging.Abstractions;

using var server = new AnaxServer(ServerSettings.Default, null, new ServerLog(NullLogger.Instance));
using var signals = new ProcessSignals(name => server.Stop(name));
server.Start();
server.Join();
return server.ExitCode;
