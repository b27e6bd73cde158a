using Anax.Core.Buffers;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>Why the dispatcher refuses a command before any handler sees it, or what else it has noted of one.</summary>
internal enum Fault : short
{
    None,

    /// <summary>One shard's part of a command over several. It runs; the whole is counted, limited and logged where it came from.</summary>
    Part,
    UnknownCommand, UnknownSubcommand, WrongArity, NoAuth, Protocol, NotAllowed, Monitoring, Http, Subscriber, NoMulti, OutOfMemory, BusyScript,
    BusyFunction,

    /// <summary>Not refused at all: MULTI has queued it.</summary>
    Queued,

    /// <summary>EXEC, whose commands follow it in its round: it answers the header of their replies.</summary>
    Replies,
}

/// <summary>The replies to refused commands.</summary>
internal static class Faults
{
    internal static void Write(Fault fault, EngineLoop loop, int spec, Arguments args, ref ReplyWriter reply)
    {
        switch (fault)
        {
            case Fault.UnknownCommand:
                reply.UnknownCommand(args);
                break;
            case Fault.UnknownSubcommand:
                reply.UnknownSubcommand(loop.Commands[spec].FullNameLower, args[1]);
                break;
            case Fault.WrongArity:
                loop.Statistics[spec].Rejected++;
                reply.WrongArity(loop.Commands[spec].FullNameLower);
                break;
            case Fault.NoAuth:
                if (spec >= 0) loop.Statistics[spec].Rejected++;
                reply.Error(Errors.NoAuth);
                break;
            case Fault.NotAllowed:
                loop.Statistics[spec].Rejected++;
                NotAllowed(loop.Commands[spec], ref reply);
                break;
            case Fault.Subscriber:
                loop.Statistics[spec].Rejected++;
                reply.Error(Errors.SubscriberOnly, loop.Commands[spec].FullNameLower);
                break;
            case Fault.Http:
                break;
            case Fault.NoMulti:
                loop.Statistics[spec].Rejected++;
                reply.Error(Errors.NotInTransaction, loop.Commands[spec].FullNameLower);
                break;
            case Fault.BusyScript:
                loop.Statistics[spec].Rejected++;
                reply.Error(Errors.Busy);
                break;
            case Fault.BusyFunction:
                loop.Statistics[spec].Rejected++;
                reply.Error(Errors.BusyFunction);
                break;
            case Fault.OutOfMemory:
                loop.Statistics[spec].Rejected++;
                reply.Error(Errors.OutOfMemory);
                break;
            case Fault.Queued:
                reply.Simple("QUEUED"u8);
                break;
            case Fault.Monitoring:
                loop.Statistics[spec].Rejected++;
                reply.Error(Errors.ReplicaNoKeyspace);
                break;
        }
    }

    private static void NotAllowed(CommandSpec spec, ref ReplyWriter reply)
    {
        string name = spec.Parent ?? spec.Name;
        Span<byte> upper = stackalloc byte[name.Length];
        for (int i = 0; i < name.Length; i++) upper[i] = (byte)name[i];
        reply.Error(Errors.CommandNotAllowed, upper, spec.GateOption);
    }
}
