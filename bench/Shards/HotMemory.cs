using System.Reflection;
using System.Runtime.CompilerServices;
using Anax.Core.Memory;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>A piece of native memory that is written often.</summary>
/// <param name="Owner">Who writes it: one loop, or the two at the ends of a ring.</param>
/// <param name="Name">What it is.</param>
/// <param name="Address">Where it begins.</param>
/// <param name="Bytes">How long it is.</param>
internal readonly record struct HotRange(string Owner, string Name, nint Address, long Bytes);

/// <summary>
/// Where the native memory lies that an engine's loops write all the time: two owners on one cache line would make each
/// wait for the other. What lies on the managed heap is moved by collections, and judged by the measured scaling alone.
/// </summary>
internal static unsafe class HotMemory
{
    private const int LineBytes = 64;

    /// <summary>The hot memory of all loops of a group and its engine.</summary>
    public static List<HotRange> Of(LoopGroup group, StorageEngine engine)
    {
        var ranges = new List<HotRange>();
        for (int i = 0; i < group.Count; i++)
        {
            AddLoop(ranges, group[i]);
            AddShard(ranges, engine.Loops[i]);
            for (int to = 0; to < group.Count; to++) AddPair(ranges, MeshOf(group[i]), i, to);
        }
        AddArray(ranges, "the process", "lent memory", LentOf(engine.Budget).Span);
        return ranges;
    }

    /// <summary>Pairs of ranges of different owners that have a line in common, as text.</summary>
    public static List<string> SharedLines(IReadOnlyList<HotRange> ranges)
    {
        HotRange[] sorted = [.. ranges.OrderBy(range => range.Address)];
        var shared = new List<string>();
        for (int i = 0; i < sorted.Length; i++)
        {
            nint lastLine = (sorted[i].Address + (nint)sorted[i].Bytes - 1) / LineBytes;
            for (int j = i + 1; j < sorted.Length && sorted[j].Address / LineBytes <= lastLine; j++)
            {
                if (sorted[i].Owner != sorted[j].Owner)
                    shared.Add($"{sorted[i].Name} of {sorted[i].Owner}, {sorted[j].Name} of {sorted[j].Owner}");
            }
        }
        return shared;
    }

    private static void AddLoop(List<HotRange> ranges, EventLoop loop)
    {
        string owner = OwnerOf(loop.Index);
        LoopMesh mesh = MeshOf(loop);
        Add(ranges, owner, "statistics", ref loop.Statistics);
        Add(ranges, owner, "mail word", ref *mesh.Word(loop.Index));
        FieldInfo peers = typeof(Mailbox).GetField("_peers", BindingFlags.NonPublic | BindingFlags.Instance)!;
        Type peer = typeof(Mailbox).GetNestedType("Peer", BindingFlags.NonPublic)!;
        long bytes = (long)mesh.Count * RuntimeHelpers.SizeOf(peer.TypeHandle);
        ranges.Add(new HotRange(owner, "peers", AddressIn(peers, MailboxOf(loop)), bytes));
    }

    private static void AddShard(List<HotRange> ranges, EngineLoop engine)
    {
        string owner = OwnerOf(engine.Index);
        int commands = engine.Commands.All.Length;
        Add(ranges, owner, "shard counters", ref engine.Counters);
        ranges.Add(new HotRange(owner, "command counters",
            (nint)Unsafe.AsPointer(ref engine.Statistics[0]), (long)commands * sizeof(CommandCounters)));
        for (int command = 0; command < commands; command++)
            AddArray(ranges, owner, "command latencies", engine.Statistics.Latency(command));
        FieldInfo state = typeof(Arena).GetField("_state", BindingFlags.NonPublic | BindingFlags.Instance)!;
        FieldInfo slabs = typeof(Arena).GetField("_slabs", BindingFlags.NonPublic | BindingFlags.Instance)!;
        ranges.Add(new HotRange(owner, "arena state", AddressIn(state, engine.Shard.Arena), sizeof(ArenaState)));
        ranges.Add(new HotRange(owner, "slab classes", AddressIn(slabs, engine.Shard.Arena), ArenaState.SlabClasses * 2 * sizeof(SlabClass)));
    }

    private static void AddPair(List<HotRange> ranges, LoopMesh mesh, int from, int to)
    {
        string owner = $"loops {from} to {to}";
        Add(ranges, owner, "room", ref *mesh.Room(from, to));
        ranges.Add(new HotRange(owner, "ring", (nint)mesh.Ring(from, to), (long)mesh.Capacity * sizeof(Message)));
    }

    private static void Add<T>(List<HotRange> ranges, string owner, string name, ref T item) where T : unmanaged =>
        ranges.Add(new HotRange(owner, name, (nint)Unsafe.AsPointer(ref item), sizeof(T)));

    private static void AddArray<T>(List<HotRange> ranges, string owner, string name, ReadOnlySpan<T> items) where T : unmanaged
    {
        fixed (T* first = items) ranges.Add(new HotRange(owner, name, (nint)first, (long)items.Length * sizeof(T)));
    }

    private static string OwnerOf(int loop) => $"loop {loop}";

    private static nint AddressIn(FieldInfo field, object owner) => (nint)Pointer.Unbox(field.GetValue(owner)!);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_mesh")]
    private static extern ref LoopMesh MeshOf(EventLoop loop);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_mailbox")]
    private static extern ref Mailbox MailboxOf(EventLoop loop);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lent")]
    private static extern ref NativeArray<long> LentOf(MemoryBudget budget);
}
