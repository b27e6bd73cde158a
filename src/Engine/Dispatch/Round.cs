using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Transactions;

namespace Anax.Engine.Dispatch;

/// <summary>
/// Commands of one session that are dispatched together: what one read brought, up to a barrier. The commands of each
/// shard make one batch; the replies are joined in command order when all batches are back. Pooled per loop.
/// </summary>
internal sealed class Round(int index, int shards) : IDisposable
{
    /// <summary>What one shard gets of a round.</summary>
    internal struct Share
    {
        public int Commands;
        public int Arguments;
        public long Bytes;
        public nint Block;
        public int Joined;

        /// <summary>Place, counted from 1, of the last command over several shards that has a part here.</summary>
        public int Whole;

        /// <summary>Holds a command that may take long.</summary>
        public bool IsLong;

        /// <summary>
        /// So little to do that the asker may do it for a shard whose loop sleeps. More is worth waking it for: it runs
        /// its part while the asker runs its own.
        /// </summary>
        public readonly bool IsBrief => !IsLong && Commands <= BriefCommandsMax && Arguments <= BriefArgumentsMax && Bytes <= BriefBytesMax;
    }

    /// <summary>The owner of a command's keys, where that is more than one shard and each runs its part.</summary>
    internal const short Several = -2;

    private const int BriefCommandsMax = 16, BriefArgumentsMax = 64, BriefBytesMax = 16 * 1024;

    internal readonly ArgumentList Arguments = new();
    internal readonly NativeList<BatchCommand> Commands = new();
    internal readonly NativeArray<Share> Shares = new(shards);

    /// <summary>The own shard's commands of a round that has others too.</summary>
    internal readonly NativeList<BatchCommand> Own = new();
    internal readonly NativeList<BatchResult> LocalResults = new();

    /// <summary>The owners of the keys of commands over several shards, in their order.</summary>
    internal readonly NativeList<short> Owners = new();
    internal ReplyStream LocalReplies;

    /// <summary>Names the round in messages.</summary>
    internal int Index { get; } = index;
    internal Session Session { get; set; } = null!;
    internal Round? NextFree { get; set; }

    /// <summary>Batches that are still with other shards.</summary>
    internal int Outstanding { get; set; }

    /// <summary>Commands that belong to other shards.</summary>
    internal int RemoteCommands { get; set; }

    /// <summary>The shard on which commands run that may publish; -1 where there are none.</summary>
    internal int Publisher { get; set; } = -1;

    /// <summary>It holds transactions: commands over several shards, or what EXEC runs. All its commands are one: see <see cref="JointRounds"/>.</summary>
    internal bool IsJoint => Transactions != 0;

    /// <summary>Commands over several shards, and EXECs.</summary>
    internal int Transactions { get; set; }

    /// <summary>One of its commands has keys on several shards.</summary>
    internal bool IsSpread { get; set; }

    /// <summary>The home shard's share of a transaction has keys.</summary>
    internal bool HasOwnKeys { get; set; }

    /// <summary>One of its commands may go on beyond the turn.</summary>
    internal bool MayOutlast { get; set; }

    /// <summary>Bytes of its commands over several shards.</summary>
    internal long JointBytes { get; set; }
    internal long BegunNs { get; set; }

    /// <summary>Holds the arguments of what one of its EXECs runs, until they are copied or have been run.</summary>
    internal MultiState? Left { get; set; }

    /// <summary>The last command, when it must run alone after all others; Spec is -1 when there is none.</summary>
    internal BatchCommand Barrier;
    internal bool HasBarrier { get; set; }

    /// <summary>The round's arguments, packed, when they must outlive the turn.</summary>
    internal BatchBlock Packed { get; set; }

    internal bool IsEmpty => Commands.Count == 0 && !HasBarrier;

    internal void Clear()
    {
        Arguments.Clear();
        Commands.Clear();
        Shares.Span.Clear();
        Own.Clear();
        LocalResults.Clear();
        Owners.Clear();
        HasBarrier = IsSpread = HasOwnKeys = MayOutlast = false;
        RemoteCommands = Transactions = 0;
        JointBytes = 0;
        Publisher = -1;
        Packed = default;
        Session = null!;
    }

    public void Dispose()
    {
        Arguments.Dispose();
        Commands.Dispose();
        Shares.Dispose();
        Own.Dispose();
        LocalResults.Dispose();
        Owners.Dispose();
    }
}
