using Anax.Engine.Dispatch;
using Anax.Engine.PubSub;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>A client as CLIENT LIST and CLIENT INFO show it: one line, all of Valkey's fields in their order.</summary>
internal static class ClientLine
{
    internal const int FlagsMax = 16;

    /// <summary>What a connection costs beside its buffers: its objects, its session, its parser, its slot.</summary>
    private const int ObjectBytes = 1536;

    /// <summary>The asking client's own request counts as consumed; its arguments are this long.</summary>
    internal static void Write(ref TextBuilder text, Connection connection, Session? asking, long argumentBytes)
    {
        Session session = connection.Session;
        bool isOwn = ReferenceEquals(session, asking);
        long now = connection.Server.Engine.Events.NowNs;
        long pending = connection.PendingSendBytes;
        Span<byte> flags = stackalloc byte[FlagsMax];
        flags = flags[..FormatFlags(connection, flags)];

        Field(ref text, "id="u8, session.Id);
        text.Add(" addr="u8);
        text.Add(connection.PeerAddress);
        text.Add(" laddr="u8);
        text.Add(connection.LocalAddress);
        Field(ref text, " fd="u8, connection.Descriptor);
        Field(ref text, " name="u8, session.Name);
        Field(ref text, " age="u8, Math.Max(0, now - session.CreatedNs) / 1_000_000_000);
        Field(ref text, " idle="u8, isOwn ? 0 : Math.Max(0, now - session.LastUseNs) / 1_000_000_000);
        Field(ref text, " flags="u8, flags);
        Field(ref text, " capa="u8, session.CapaRedirect ? "r"u8 : default);
        Field(ref text, " db="u8, session.Database);
        Field(ref text, " sub="u8, session.Subscriptions(TopicKind.Channel));
        Field(ref text, " psub="u8, session.Subscriptions(TopicKind.Pattern));
        Field(ref text, " ssub="u8, session.Subscriptions(TopicKind.ShardChannel));
        Field(ref text, " multi="u8, session.QueuedCommands);
        Field(ref text, " watch="u8, session.WatchedKeys);
        long input = isOwn ? 0 : connection.InputBytes;
        Field(ref text, " qbuf="u8, input);
        Field(ref text, " qbuf-free="u8, connection.InputCapacity - input);
        Field(ref text, " argv-mem="u8, isOwn ? argumentBytes : 0);
        Field(ref text, " multi-mem="u8, session.MultiBytes);
        text.Add(" rbs=0 rbp=0 obl=0"u8);
        Field(ref text, " oll="u8, pending == 0 ? 0 : 1 + pending / (16 * 1024));
        Field(ref text, " omem="u8, pending);
        Field(ref text, " tot-mem="u8, MemoryOf(connection));
        Field(ref text, " events="u8, pending == 0 ? "r"u8 : "rw"u8);
        Field(ref text, " cmd="u8, session.LastCommand is { } command ? command.FullNameLower : "NULL"u8);
        text.Add(" user=default"u8);
        Field(ref text, " redir="u8, session.Tracking.IsOn ? session.Tracking.RedirectId : -1);
        Field(ref text, " resp="u8, (int)session.Resp);
        Field(ref text, " lib-name="u8, session.LibraryName);
        Field(ref text, " lib-ver="u8, session.LibraryVersion);
        Field(ref text, " tot-net-in="u8, session.BytesIn);
        Field(ref text, " tot-net-out="u8, session.BytesOut);
        Field(ref text, " tot-cmds="u8, session.Commands);
        text.Add((byte)'\n');
    }

    /// <summary>Bytes that a client takes: its objects, what it sent and we have not read, what we sent and it has not.</summary>
    internal static long MemoryOf(Connection connection) =>
        ObjectBytes + connection.InputCapacity + connection.PendingSendBytes + connection.Session.Output.Length
        + connection.Session.Pushes.Length + connection.Session.MultiBytes;

    internal static int FormatFlags(Connection connection, Span<byte> flags)
    {
        Session session = connection.Session;
        int count = 0;
        if (session.Monitoring) flags[count++] = (byte)'O';
        if (session.IsSubscriber) flags[count++] = (byte)'P';
        if (session.QueuedCommands >= 0) flags[count++] = (byte)'x';
        if (session.WatchesFailed) flags[count++] = (byte)'d';
        if (session.Paused || session.IsBlocked) flags[count++] = (byte)'b';
        if (session.Tracking.IsOn) flags[count++] = (byte)'t';
        if (session.Tracking.Has(TrackingModes.BrokenRedirect)) flags[count++] = (byte)'R';
        if (session.Tracking.Has(TrackingModes.Broadcast)) flags[count++] = (byte)'B';
        if (session.Closing) flags[count++] = (byte)'c';
        if (connection.IsUnix) flags[count++] = (byte)'U';
        if (session.ReadOnly) flags[count++] = (byte)'r';
        if (session.NoEvict) flags[count++] = (byte)'e';
        if (session.NoTouch) flags[count++] = (byte)'T';
        if (session.ImportSource) flags[count++] = (byte)'I';
        if (count == 0) flags[count++] = (byte)'N';
        return count;
    }

    private static void Field(ref TextBuilder text, scoped ReadOnlySpan<byte> name, long value)
    {
        text.Add(name);
        text.Add(value);
    }

    private static void Field(ref TextBuilder text, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        text.Add(name);
        text.Add(value);
    }
}
