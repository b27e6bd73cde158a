using Anax.Core.Buffers;
using Anax.Engine.Dispatch;

namespace Anax.Engine.Transactions;

/// <summary>The locks of a command's keys, from its row: shared for keys that are only read, exclusive for the others.</summary>
internal static class CommandLocks
{
    internal static LockMode ModeOf(KeySpec keys) =>
        (keys.Access & KeyAccess.ReadOnly) != 0 && !keys.AreChanged ? LockMode.Shared : LockMode.Exclusive;

    /// <summary>Does a lock stand in the way of a command whose keys all lie on this shard?</summary>
    internal static bool Block(LockTable locks, CommandSpec spec, Arguments args)
    {
        if (locks.BlocksShard) return true;
        foreach (KeySpec keys in spec.Keys)
        {
            if (!keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (locks.Blocks(args.Key(i).Hash, ModeOf(keys))) return true;
        }
        return false;
    }

    /// <summary>Wants the keys of such a command. False where the request's id is too small.</summary>
    internal static bool TryAdd(LockTable locks, int request, CommandSpec spec, Arguments args) =>
        TryAdd(locks, request, spec, args, LockMode.Exclusive) && TryAdd(locks, request, spec, args, LockMode.Shared);

    internal static bool TryAdd(LockTable locks, int request, CommandSpec spec, Arguments args, LockMode mode)
    {
        foreach (KeySpec keys in spec.Keys)
        {
            if (ModeOf(keys) != mode || !keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (!locks.TryAdd(request, args.Key(i).Hash, mode)) return false;
        }
        return true;
    }
}
