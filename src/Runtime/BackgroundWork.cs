namespace Anax.Runtime;

/// <summary>
/// Work without a client that waits (sweep, compaction, freeing a table): done in slices between the turns'
/// real work, on the loop's thread.
/// </summary>
public abstract class BackgroundWork
{
    internal EventLoop? Loop;
    internal bool IsActive;

    /// <summary>
    /// Does some of it and returns before the deadline (monotonic): true when more is left, false when
    /// nothing is left until the next <see cref="Wake"/>.
    /// </summary>
    public abstract bool Run(long deadlineNs);

    /// <summary>There is something to do (again). Only on the loop's own thread.</summary>
    public void Wake() => Loop?.AddBackground(this);
}
