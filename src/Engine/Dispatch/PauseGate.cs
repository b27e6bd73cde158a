using System.Runtime.CompilerServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Runtime;

namespace Anax.Engine.Dispatch;

/// <summary>CLIENT PAUSE on one loop: which commands are held back until when, and the sessions that wait for it.</summary>
public sealed class PauseGate
{
    private readonly EngineLoop _loop;
    private readonly PauseTimer _timer;
    private readonly List<Session> _paused = [];

    internal PauseGate(EngineLoop loop)
    {
        _loop = loop;
        _timer = new PauseTimer(this);
    }

    /// <summary>Unix milliseconds until which commands are held back; 0 when none are.</summary>
    public long UntilMs { get; private set; }

    /// <summary>Only writes are held back.</summary>
    public bool WritesOnly { get; private set; }

    /// <summary>Sessions that wait for a pause to end.</summary>
    public int Sessions => _paused.Count;

    /// <summary>Holds commands back until a time (Unix milliseconds); sessions go on by themselves. Called on every loop.</summary>
    public void Pause(long untilMs, bool writesOnly)
    {
        // A longer pause and the stronger kind win, as in Redis.
        WritesOnly = UntilMs == 0 ? writesOnly : WritesOnly && writesOnly;
        UntilMs = Math.Max(UntilMs, untilMs);
        _loop.Events.Schedule(_timer, _loop.Events.NowNs + Math.Max(0, UntilMs - _loop.Events.NowMs) * 1_000_000);
    }

    public void Unpause()
    {
        UntilMs = 0;
        _loop.Events.Cancel(_timer);
        Session[] held = [.. _paused];
        _paused.Clear();
        foreach (Session session in held)
        {
            if (session.Held is not { } round) continue;
            session.Held = null;
            if (session.Gone) _loop.Dispatcher.Return(round);
            else _loop.Dispatcher.Barriers.Run(session, round);
            if (!session.Busy) session.Owner.Continue();
        }
    }

    /// <summary>Must this command wait for the end of the pause?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Holds(CommandSpec spec, Session session, Arguments args) => UntilMs != 0 && HoldsNow(spec, session, args);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HoldsNow(CommandSpec spec, Session session, Arguments args)
    {
        if ((spec.Flags & CommandFlags.RunsPaused) != 0) return false;
        CommandFlags flags = spec.FlagsOf(_loop, args);
        if ((flags & CommandFlags.RunsQueue) != 0 && session.Multi is { } multi) flags |= multi.Flags;
        return !WritesOnly || (flags & (CommandFlags.Write | CommandFlags.MayReplicate)) != 0;
    }

    /// <summary>The round's barrier waits for the end of the pause.</summary>
    internal void Hold(Session session, Round round)
    {
        session.Held = round;
        _paused.Add(session);
    }

    /// <summary>The client is gone: what it waited for is dropped.</summary>
    internal void Forget(Session session)
    {
        if (session.Held is not { } held) return;
        session.Held = null;
        _paused.Remove(session);
        _loop.Dispatcher.Return(held);
    }

    internal void AssertNobodyForgotten() =>
        Invariant.Holds(_paused.Count == 0 || UntilMs != 0, "sessions wait only for a pause");

    private sealed class PauseTimer(PauseGate gate) : LoopTimer
    {
        public override void OnTimer() => gate.Unpause();
    }
}
