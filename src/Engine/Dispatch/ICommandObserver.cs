using Anax.Core.Buffers;

namespace Anax.Engine.Dispatch;

/// <summary>Sees every command of a loop's sessions before it runs (MONITOR).</summary>
public interface ICommandObserver
{
    void Observe(Session session, CommandSpec spec, Arguments args);
}
