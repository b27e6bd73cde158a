using Anax.Core;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Bench.Shards;

/// <summary>A session without a socket: it is fed with requests, and its replies are counted and dropped.</summary>
internal sealed class FedSession : ISessionOwner, IDisposable
{
    private readonly EngineLoop _engine;
    private readonly Session _session;
    private readonly Action<FedSession> _onAnswered;
    private long _replyBytes;

    public FedSession(EngineLoop engine, long id, Action<FedSession> onAnswered)
    {
        (_engine, _onAnswered) = (engine, onAnswered);
        _session = new Session(id, this, new RequestParser()) { Authenticated = true };
    }

    public string PeerAddress => "";
    public string LocalAddress => "";
    public long PendingSendBytes => 0;

    /// <summary>
    /// Dispatches whole requests; so many bytes of replies are expected. Who waits is told during the call where the own
    /// shard has the keys, in a later turn where another one has.
    /// </summary>
    public void Feed(ReadOnlySpan<byte> requests, long replyBytes)
    {
        _replyBytes = replyBytes;
        int taken = _engine.Dispatcher.Feed(_session, requests);
        Invariant.Holds(taken == requests.Length, "whole requests are taken at once");
        if (!_session.Busy) Continue();
    }

    /// <summary>All replies are there.</summary>
    public void Continue()
    {
        Invariant.Holds(_session.Output.Length == _replyBytes, "every command succeeds and finds its key");
        _session.Output.Free(_engine.Events.Chunks);
        _onAnswered(this);
    }

    public void Dispose() => _session.Parser.Dispose();
}
