using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Scripting;

// A script becomes known in two rounds: first every loop has it, then every loop may be asked for it, so that a call which one
// loop routes to another finds it there.

internal sealed partial class ScriptRun
{
    /// <summary>Of those that EVAL brought so many are kept.</summary>
    internal const int EvictableMax = 500;

    /// <summary>A script on its way to all loops.</summary>
    private sealed class Registration(ScriptSource source, bool isLoaded)
    {
        internal ScriptSource Source { get; } = source;
        internal bool IsLoaded { get; } = isLoaded;
        internal Dictionary<Sha1Digest, long> Uses { get; } = [];
        internal Sha1Digest Victim { get; private set; }

        internal void ChooseVictim()
        {
            long oldest = long.MaxValue;
            foreach ((Sha1Digest digest, long last) in Uses)
            {
                if (last >= oldest) continue;
                oldest = last;
                Victim = digest;
            }
        }
    }

    /// <summary>Makes what EVAL brings known. False where it is no script, which was answered.</summary>
    private async Co<bool> Register(Coordinator tx)
    {
        if (Compile(tx, _kept.Slices[1].Span) is not { } source) return false;
        await Spread(tx, source, isLoaded: false);
        _known = _host.Scripts.Find(source.Digest) ?? new KnownScript(source);
        return true;
    }

    /// <summary>SCRIPT LOAD.</summary>
    internal async Co<Nothing> Load(Coordinator tx)
    {
        KnownScript? known = _host.Scripts.FindBody(tx.Args[2]);
        ScriptSource? source = known?.Source ?? Compile(tx, tx.Args[2]);
        if (source is null) return default;
        if (known is not { IsLoaded: true, IsUsable: true }) await Spread(tx, source, isLoaded: true);
        ReplyWriter reply = tx.Writer();
        reply.Bulk(source.Sha);
        tx.Close(ref reply);
        return default;
    }

    private ScriptSource? Compile(Coordinator tx, ReadOnlySpan<byte> body)
    {
        if (Shebang.ReadScript(body, out ScriptFlags flags, out int start) is { } error)
        {
            FailText(tx, System.Text.Encoding.Latin1.GetBytes(error));
            return null;
        }
        byte[] sha = new byte[Sha1Digest.TextLength];
        Sha1Digest.Write(body, sha);
        if (_lua.Compile(body[start..], sha) == LuaStatus.Error)
        {
            FailText(tx, _lua.Output[(_lua.Output.IndexOf((byte)' ') + 1)..]);
            return null;
        }
        return new ScriptSource
        {
            Body = body.ToArray(),
            CodeStart = start,
            Flags = flags,
            Digest = Sha1Digest.Of(body),
            Sha = sha,
            Epoch = _host.Scripts.Epoch,
        };
    }

    private void FailText(Coordinator tx, ReadOnlySpan<byte> text)
    {
        ReplyWriter reply = tx.Writer();
        reply.ErrorText("ERR"u8, text);
        CloseFor(tx, ref reply);
    }

    private async Co<Nothing> Spread(Coordinator tx, ScriptSource source, bool isLoaded)
    {
        var registration = new Registration(source, isLoaded);
        tx.Payload = registration;
        if (!isLoaded && _host.Scripts.Evictable >= EvictableMax && _host.Scripts.Find(source.Digest) is null)
        {
            // One shard after the other: they write to the same list.
            for (int shard = 0; shard < tx.Shards; shard++) await tx.Hop(shard, CollectUses);
            registration.ChooseVictim();
            await tx.HopAll(Evict);
        }
        await tx.HopAll(Store);
        await tx.HopAll(MakeUsable);
        return default;
    }

    private static void Store(ShardScope shard, ref HopFrame hop)
    {
        var registration = (Registration)hop.Payload!;
        ScriptHost.Of(shard.Loop).Scripts.Add(registration.Source, registration.IsLoaded);
    }

    private static void MakeUsable(ShardScope shard, ref HopFrame hop)
    {
        if (ScriptHost.Of(shard.Loop).Scripts.Find(((Registration)hop.Payload!).Source.Digest) is { } script) script.IsUsable = true;
    }

    private static void CollectUses(ShardScope shard, ref HopFrame hop)
    {
        var registration = (Registration)hop.Payload!;
        foreach (KnownScript script in ScriptHost.Of(shard.Loop).Scripts.All)
        {
            if (script.IsLoaded) continue;
            long last = Math.Max(script.LastUseNs, registration.Uses.GetValueOrDefault(script.Source.Digest));
            registration.Uses[script.Source.Digest] = last;
        }
    }

    private static void Evict(ShardScope shard, ref HopFrame hop)
    {
        ScriptHost host = ScriptHost.Of(shard.Loop);
        if (host.Scripts.Evict(((Registration)hop.Payload!).Victim) && hop.Coordinator.Loop == shard.Loop) host.EvictedScripts++;
    }
}
