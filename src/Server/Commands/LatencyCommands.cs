using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Server.Network;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>LATENCY: events that took long, and how long each command's calls took, over all loops.</summary>
public static class LatencyCommands
{
    private const CommandFlags Administer = Admin | NoScript | Loading | Stale;

    private static readonly string[] Tips =
        ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"];

    public static readonly CommandSpec[] Table =
    [
        new("LATENCY",           -2, None,            AclCategory.None,
            "A container for latency diagnostics commands."),
        new("LATENCY|LATEST",     2, Administer,      AclCategory.None, Keys.None, Latest,
            "Returns the latest latency samples for all events.") { Tips = Tips },
        new("LATENCY|HISTORY",    3, Administer,      AclCategory.None, Keys.None, History,
            "Returns timestamp-latency samples for an event.") { Tips = Tips },
        new("LATENCY|RESET",     -2, Administer,      AclCategory.None, Keys.None, Reset,
            "Resets the latency data for one or more events.")
        { Tips = ["request_policy:all_nodes", "response_policy:agg_sum"] },
        new("LATENCY|GRAPH",      3, Administer,      AclCategory.None, Keys.None, Graph,
            "Returns a latency graph for an event.") { Tips = Tips },
        new("LATENCY|DOCTOR",     2, Administer,      AclCategory.None, Keys.None, Doctor,
            "Returns a human-readable latency analysis report.") { Tips = Tips },
        new("LATENCY|HISTOGRAM", -2, Administer,      AclCategory.None, Histogram,
            "Returns the cumulative distribution of latencies of a subset or all commands.") { Tips = Tips },
        new("LATENCY|HELP",       2, Loading | Stale, AclCategory.None, Help,
            "Returns helpful text about the different subcommands."),
    ];

    /// <summary>The loops' samples of all events. Each loop adds its own in its hop.</summary>
    private sealed class Gathered(int loops)
    {
        internal readonly LatencyHistory?[][] OfLoop = new LatencyHistory?[loops][];
    }

    private static async Co<LatencyHistory?[]> Gather(Coordinator tx)
    {
        var gathered = new Gathered(tx.Shards);
        tx.Payload = gathered;
        await tx.HopAll(static (shard, ref hop) =>
        {
            var own = new LatencyHistory?[LatencyLog.Events];
            for (int i = 0; i < own.Length; i++)
                if (shard.Loop.Latency[(LatencyEvent)i] is { } series) own[i] = LatencyHistory.Of((LatencyEvent)i, series);
            ((Gathered)hop.Payload!).OfLoop[shard.Loop.Index] = own;
        });
        var all = new LatencyHistory?[LatencyLog.Events];
        foreach (LatencyHistory?[] own in gathered.OfLoop)
            for (int i = 0; i < all.Length; i++) all[i] = LatencyHistory.Join(all[i], own[i]);
        return all;
    }

    private static LatencyHistory? Find(LatencyHistory?[] all, ReadOnlySpan<byte> name)
    {
        foreach (LatencyHistory? history in all)
            if (history is not null && name.SequenceEqual(LatencyHistory.NameOf(history.Event))) return history;
        return null;
    }

    private static async Co<Nothing> Latest(Coordinator tx)
    {
        LatencyHistory?[] all = await Gather(tx);
        WriteLatest(tx, Array.FindAll(all, static history => history is not null));
        return default;
    }

    private static void WriteLatest(Coordinator tx, LatencyHistory?[] all)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(all.Length);
        foreach (LatencyHistory? history in all)
        {
            reply.Array(6);
            reply.Bulk(LatencyHistory.NameOf(history!.Event));
            reply.Integer(history.Samples[^1].UnixSeconds);
            reply.Integer(history.Samples[^1].Ms);
            reply.Integer(history.MaxMs);
            reply.Integer(history.SumMs);
            reply.Integer(history.Times);
        }
        tx.Close(ref reply);
    }

    private static async Co<Nothing> History(Coordinator tx)
    {
        LatencyHistory?[] all = await Gather(tx);
        WriteHistory(tx, Find(all, tx.Args[2]));
        return default;
    }

    private static void WriteHistory(Coordinator tx, LatencyHistory? history)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(history?.Samples.Count ?? 0);
        if (history is not null)
        {
            foreach (LatencySample sample in history.Samples)
            {
                reply.Array(2);
                reply.Integer(sample.UnixSeconds);
                reply.Integer(sample.Ms);
            }
        }
        tx.Close(ref reply);
    }

    private static async Co<Nothing> Reset(Coordinator tx)
    {
        await tx.HopAll(static (shard, ref hop) =>
        {
            // A bit for each event that this loop had: it counts once, on however many loops it was seen.
            for (int i = 0; i < LatencyLog.Events; i++)
                if (IsNamed(hop.Args, (LatencyEvent)i) && shard.Loop.Latency.Reset((LatencyEvent)i)) hop.Value |= 1L << i;
        });
        long events = 0;
        for (int i = 0; i < tx.Shards; i++) events |= tx.ValueOf(i);
        tx.Answer(System.Numerics.BitOperations.PopCount((ulong)events));
        return default;
    }

    private static bool IsNamed(Arguments args, LatencyEvent which)
    {
        if (args.Count == 2) return true;
        for (int i = 2; i < args.Count; i++)
            if (args[i].SequenceEqual(LatencyHistory.NameOf(which))) return true;
        return false;
    }

    private static async Co<Nothing> Graph(Coordinator tx)
    {
        LatencyHistory?[] all = await Gather(tx);
        if (Find(all, tx.Args[2]) is not { } history)
        {
            tx.Fail(Errors.NoLatencySamples, tx.Args[2]);
            return default;
        }
        WriteText(tx, LatencyGraph.Draw(history, tx.NowMs / 1000));
        return default;
    }

    private static async Co<Nothing> Doctor(Coordinator tx)
    {
        LatencyHistory?[] all = await Gather(tx);
        bool isWatching = tx.Loop.Settings.LatencyThresholdMs > 0;
        WriteText(tx, LatencyDoctor.Report(Array.FindAll(all, static history => history is not null), isWatching, tx.NowMs / 1000));
        return default;
    }

    private static void WriteText(Coordinator tx, string text)
    {
        ReplyWriter reply = tx.Writer();
        reply.Verbatim("txt"u8, System.Text.Encoding.ASCII.GetBytes(text));
        tx.Close(ref reply);
    }

    // Counters of all loops can be read from here, approximately: no hop.
    private static void Histogram(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        CommandTable commands = connection.Loop.Commands;
        ReplyStream.DeferredHeader header = reply.Defer();
        int shown = 0;
        if (args.Count == 2)
        {
            foreach (CommandSpec spec in commands.All) shown += WriteHistogram(connection.Host(), spec, ref reply);
        }
        for (int i = 2; i < args.Count; i++)
        {
            if (commands.Find(args[i]) is not { } spec) continue;
            shown += WriteHistogram(connection.Host(), spec, ref reply);
            foreach (CommandSpec sub in spec.Subcommands) shown += WriteHistogram(connection.Host(), sub, ref reply);
        }
        reply.ResolveMap(header, shown);
    }

    private static int WriteHistogram(ServerLoop host, CommandSpec spec, ref ReplyWriter reply)
    {
        LatencyHistogram histogram = LatencyHistogram.Of(host, spec.Index);
        if (histogram.Calls == 0) return 0;
        reply.Bulk(spec.FullNameLower);
        reply.Map(2);
        reply.Bulk("calls"u8);
        reply.Integer(histogram.Calls);
        reply.Bulk("histogram_usec"u8);
        ReplyStream.DeferredHeader header = reply.Defer();
        int buckets = 0;
        long seen = 0;
        for (int i = 0; i < CommandStatistics.LatencyBuckets; i++)
        {
            if (histogram.Count(i) == 0) continue;
            seen += histogram.Count(i);
            reply.Integer(LatencyHistogram.UpperNs(i) / 1000);
            reply.Integer(seen);
            buckets++;
        }
        reply.ResolveMap(header, buckets);
        return 1;
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.Latency);
}
