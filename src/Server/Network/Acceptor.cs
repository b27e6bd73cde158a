using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Server.Network;

/// <summary>
/// Takes all connections, on the first loop, and deals each to the loop that has the fewest, so that loops differ by
/// at most one; or to the loop of the core that receives its packets, where the option says so.
/// </summary>
internal sealed class Acceptor(AnaxServer server) : IAcceptEvents
{
    private const long FailureQuietNs = 10_000_000_000;

    private readonly long[] _dealt = new long[server.Loops.Length];
    private long _lastId;
    private long _quietUntilNs;

    /// <summary>Connections refused because there were too many.</summary>
    internal long Rejected { get; private set; }

    internal long Accepted { get; private set; }

    internal void ResetStatistics() => Rejected = Accepted = 0;

    public void OnAccepted(ListenSocket listener, int descriptor)
    {
        ServerLoop own = server.Loops[0];
        long clients = 0;
        for (int i = 0; i < _dealt.Length; i++) clients += Live(i);
        if (clients >= server.ClientsMax)
        {
            Rejected++;
            Refuse(own, descriptor, Errors.MaxClients);
            return;
        }
        if (own.Settings.ProtectedMode && own.Settings.RequirePass is null && !listener.IsUnix && !SocketNames.IsPeerLocal(descriptor))
        {
            Rejected++;
            Refuse(own, descriptor, Errors.ProtectedMode);
            return;
        }
        Accepted++;
        int to = Choose(own, descriptor);
        _dealt[to]++;
        long id = ++_lastId;
        if (to == own.Engine.Index) own.Adopt(descriptor, id, listener.IsUnix);
        else
            _ = own.Engine.Events.Post(to, new Message
            {
                Kind = ServerLoop.AdoptKind,
                A = descriptor,
                B = id,
                C = listener.IsUnix ? 1 : 0,
            });
    }

    /// <summary>Tried again ten times a second; said once in ten seconds.</summary>
    public void OnAcceptFailed(ListenSocket listener, int errno)
    {
        long nowNs = server.Loops[0].Engine.Events.NowNs;
        if (nowNs < _quietUntilNs) return;
        _quietUntilNs = nowNs + FailureQuietNs;
        server.Log.AcceptFailed(listener.Address, errno);
    }

    private static void Refuse(ServerLoop loop, int descriptor, ErrorReply error)
    {
        var refused = new RefusedConnection();
        loop.Engine.Events.Adopt(descriptor, refused);
        refused.Say(error.Bytes);
    }

    /// <summary>Connections that were dealt to a loop and have not ended; those it has not yet adopted included.</summary>
    private long Live(int loop) => _dealt[loop] - Volatile.Read(ref server.Loops[loop].Ended[0]);

    private int Choose(ServerLoop own, int descriptor)
    {
        if (own.Settings.ConnUseIncomingCpu)
        {
            int home = server.LoopOfCpu(SocketOptions.IncomingCpu(descriptor));
            if (home >= 0) return home;
        }
        int best = 0;
        for (int i = 1; i < _dealt.Length; i++)
            if (Live(i) < Live(best)) best = i;
        return best;
    }
}
