using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>INFO: asks every loop for its figures, then writes the sections that are wanted.</summary>
public static class InfoCommand
{
    public static readonly CommandSpec[] Table =
    [
        new("INFO", -1, Loading | Stale, AclCategory.Dangerous, Keys.None, Info,
            "Returns information and statistics about the server.")
        { Tips = ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"] },
    ];

    private static async Co<Nothing> Info(Coordinator tx)
    {
        await tx.HopAll(static (shard, ref hop) => shard.Host().Admin.Figures.Gather(shard));
        Write(tx);
        return default;
    }

    private static void Write(Coordinator tx)
    {
        var text = new TextBuilder(stackalloc byte[2048]);
        InfoReport.Write(ref text, tx.Host(), InfoSectionNames.Read(tx.Args));
        ReplyWriter reply = tx.Writer();
        reply.Verbatim("txt"u8, text.Written);
        tx.Close(ref reply);
        text.Dispose();
    }
}
