using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Scripting;

/// <summary>SCRIPT KILL and FUNCTION KILL: end what runs on any loop and has not written yet.</summary>
internal static class ScriptKill
{
    /// <summary>What a loop found among its runs; of several the greatest counts.</summary>
    private enum Found : byte { Nothing, OtherKind, HasWritten, Killed }

    internal static async Co<Nothing> Run(Coordinator tx, bool isFunction)
    {
        await tx.HopAll(isFunction ? KillFunctions : KillScripts);
        var found = Found.Nothing;
        for (int shard = 0; shard < tx.Shards; shard++) found = (Found)Math.Max((long)found, tx.ValueOf(shard));
        ReplyWriter reply = tx.Writer();
        switch (found)
        {
            case Found.Nothing:
                reply.Error(Errors.NotBusy);
                break;
            case Found.OtherKind:
                reply.Error(isFunction ? Errors.Busy : Errors.BusyFunction);
                break;
            case Found.HasWritten:
                reply.Error(Errors.Unkillable);
                break;
            case Found.Killed:
                reply.Ok();
                break;
        }
        tx.Close(ref reply);
        return default;
    }

    private static void KillScripts(ShardScope shard, ref HopFrame hop) => hop.Value = (long)KillOn(shard, isFunction: false);

    private static void KillFunctions(ShardScope shard, ref HopFrame hop) => hop.Value = (long)KillOn(shard, isFunction: true);

    private static Found KillOn(ShardScope shard, bool isFunction)
    {
        var found = Found.Nothing;
        foreach (ScriptRun run in ScriptHost.Of(shard.Loop).Active)
        {
            Found one = run.HasWritten ? Found.HasWritten : run.IsFunction != isFunction ? Found.OtherKind : Found.Killed;
            if (one == Found.Killed) run.Kill();
            if (one > found) found = one;
        }
        return found;
    }
}
