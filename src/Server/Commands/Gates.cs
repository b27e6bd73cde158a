using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Runtime;
using Anax.Server.Network;
using ProtectedAction = Anax.Server.Options.ProtectedAction;

namespace Anax.Server.Commands;

/// <summary>Who may use what is protected: nobody, clients on this machine, or everybody, as an option says.</summary>
internal static class Gates
{
    internal static readonly byte[] ModuleOption = "enable-module-command"u8.ToArray();

    internal static bool Module(EngineLoop loop, Session session) => Allows(loop.Host().Settings.EnableModuleCommand, session);

    internal static bool Allows(ProtectedAction action, Session session) => action switch
    {
        ProtectedAction.Yes => true,
        ProtectedAction.Local => session.Owner is Connection connection && SocketNames.IsPeerLocal(connection.Descriptor),
        _ => false,
    };
}
