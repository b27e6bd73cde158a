namespace Anax.Engine.Dispatch;

/// <summary>What a command without keys may see: its session and its loop, never data.</summary>
public readonly ref struct ConnectionScope
{
    internal ConnectionScope(EngineLoop loop, Session session, CommandSpec command)
    {
        Loop = loop;
        Session = session;
        Command = command;
    }

    public EngineLoop Loop { get; }
    public Session Session { get; }
    public CommandSpec Command { get; }
    public long NowMs => Loop.Events.NowMs;
}
