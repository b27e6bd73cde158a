using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Runtime;

namespace Anax.Engine.Dispatch;

/// <summary>One loop's three logs of remarkable commands (COMMANDLOG, SLOWLOG), and who is entered into which.</summary>
/// <remarks>
/// An entry names its client, so it stands in the log of the client's loop. What a script runs elsewhere is sent there, ahead of
/// the script's own reply.
/// </remarks>
public sealed class CommandLogs
{
    private readonly EngineLoop _loop;
    private readonly CommandLog[] _logs = [new(), new(), new()];
    private long _ids;

    // From where on a command is entered; beyond every figure where a log is off.
    private long _slowFrom;
    private long _requestFrom;
    private long _replyFrom;

    internal CommandLogs(EngineLoop loop)
    {
        _loop = loop;
        loop.Events.OnMessage((ushort)MessageKind.Remarkable, Take);
        Apply(loop.Settings);
    }

    public CommandLog this[CommandLogKind kind] => _logs[(int)kind];

    /// <summary>Takes new limits over: entries beyond them are forgotten.</summary>
    internal void Apply(EngineSettings settings)
    {
        _slowFrom = From(settings.CommandLogSlowerThanUs);
        _requestFrom = From(settings.CommandLogRequestLargerThan);
        _replyFrom = From(settings.CommandLogReplyLargerThan);
        this[CommandLogKind.Slow].Shrink(settings.CommandLogSlowLengthMax);
        this[CommandLogKind.LargeRequest].Shrink(settings.CommandLogRequestLengthMax);
        this[CommandLogKind.LargeReply].Shrink(settings.CommandLogReplyLengthMax);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool WorthLogging(int durationUs, long requestBytes, long replyBytes) =>
        durationUs >= _slowFrom || requestBytes >= _requestFrom || replyBytes >= _replyFrom;

    internal void Log(Session session, int spec, Arguments args, int durationUs, long requestBytes, long replyBytes)
    {
        CommandSpec command = _loop.Commands[spec];
        if ((command.Flags & CommandFlags.SkipCommandLog) != 0) return;
        byte[][] copy = CommandLog.Copy(command, args);
        (long caller, int home) = session.Caller;
        if (caller == 0) Enter(session, copy, durationUs, requestBytes, replyBytes);
        else if (home == _loop.Index) Enter(_loop.FindSession(caller), copy, durationUs, requestBytes, replyBytes);
        else Send(home, caller, copy, durationUs, replyBytes);
    }

    private static long From(long threshold) => threshold < 0 ? long.MaxValue : threshold;

    /// <summary>Of a client that has gone meanwhile nothing is said.</summary>
    private void Enter(Session? session, byte[][] arguments, int durationUs, long requestBytes, long replyBytes)
    {
        if (session is null) return;
        EngineSettings settings = _loop.Settings;
        EnterOne(CommandLogKind.Slow, durationUs, settings.CommandLogSlowerThanUs, settings.CommandLogSlowLengthMax, session, arguments);
        EnterOne(CommandLogKind.LargeRequest, requestBytes, settings.CommandLogRequestLargerThan, settings.CommandLogRequestLengthMax, session, arguments);
        EnterOne(CommandLogKind.LargeReply, replyBytes, settings.CommandLogReplyLargerThan, settings.CommandLogReplyLengthMax, session, arguments);
    }

    private void EnterOne(CommandLogKind kind, long value, long threshold, int lengthMax, Session session, byte[][] arguments)
    {
        if (threshold < 0 || value < threshold) return;
        // Ids of different loops must differ and grow with time.
        long id = _ids++ * _loop.Peers.Length + _loop.Index;
        this[kind].Add(new CommandLogEntry(id, _loop.Events.NowMs, value, arguments, session.Owner.PeerAddress, session.Name), lengthMax);
    }

    // ---- to another loop: each argument behind its length ----

    private void Send(int home, long caller, byte[][] arguments, int durationUs, long replyBytes)
    {
        int bytes = 0;
        foreach (byte[] argument in arguments) bytes += sizeof(int) + argument.Length;
        NativeBlock block = NativeBlock.Allocate(bytes);
        Invariant.Holds(!block.IsNull, "there is memory for an entry of a log");
        Span<byte> rest = block.Bytes;
        foreach (byte[] argument in arguments)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, argument.Length);
            argument.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + argument.Length)..];
        }
        _ = _loop.Events.Post(home, new Message
        {
            Kind = (ushort)MessageKind.Remarkable,
            A = block.Address,
            B = caller,
            C = durationUs,
            D = replyBytes,
        });
    }

    private void Take(int from, in Message message)
    {
        NativeBlock block = NativeBlock.From((nint)message.A);
        List<byte[]> arguments = [];
        for (ReadOnlySpan<byte> rest = block.Bytes; !rest.IsEmpty;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            arguments.Add(rest.Slice(sizeof(int), length).ToArray());
            rest = rest[(sizeof(int) + length)..];
        }
        block.Release();
        Enter(_loop.FindSession(message.B), [.. arguments], (int)message.C, requestBytes: 0, message.D);
    }
}
