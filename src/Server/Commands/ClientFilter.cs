using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>
/// Which clients CLIENT LIST shows and CLIENT KILL ends: every condition that is given must hold. Made by the asking
/// loop, then only read, by all loops.
/// </summary>
internal sealed class ClientFilter
{
    private const string KnownFlags = "OSMPxbtRBdcuAUreTIiEN";

    private readonly Side _wanted = new();
    private readonly Side _unwanted = new();
    private long _maxAge;
    private long _idle;

    /// <summary>The client that asks, if it is to be left out.</summary>
    private long _skipped;

    /// <summary>Conditions that a client must meet, or (NOT-…) must not.</summary>
    private sealed class Side
    {
        internal HashSet<long>? Ids;
        internal byte[]? Address, LocalAddress, Ip, Name, LibraryName, LibraryVersion, Flags, Capabilities;
        internal ClientClass? Class;
        internal bool ByUser;
        internal int Database = -1;
    }

    /// <summary>What TYPE tells apart; replicas and primaries are servers.</summary>
    private enum ClientClass : byte { Normal, Subscriber, Server }

    internal static ClientFilter All { get; } = new();

    /// <summary>The old form of CLIENT KILL: one address.</summary>
    internal static ClientFilter OfAddress(ReadOnlySpan<byte> address)
    {
        var filter = new ClientFilter();
        filter._wanted.Address = address.ToArray();
        return filter;
    }

    /// <summary>Reads the options from an index on; null when it has answered an error.</summary>
    internal static ClientFilter? Read(Session asking, Arguments args, int first, bool skipsAsking, int databases, ref ReplyWriter reply)
    {
        var filter = new ClientFilter();
        if (skipsAsking) filter._skipped = asking.Id;
        int i = first;
        while (i < args.Count)
        {
            ReadOnlySpan<byte> option = args[i++];
            bool isNot = Ascii.StartsWithIgnoreCase(option, "NOT-"u8);
            Side side = isNot ? filter._unwanted : filter._wanted;
            ReadOnlySpan<byte> name = isNot ? option[4..] : option;
            if (Is(name, "ID"u8))
            {
                if (!ReadIds(side, args, ref i, ref reply)) return null;
                continue;
            }
            if (i == args.Count)
            {
                reply.Error(Errors.Syntax);
                return null;
            }
            ReadOnlySpan<byte> value = args[i++];
            bool read = isNot || !filter.IsPositiveOnly(name, out Outcome outcome, value, asking.Id, ref reply)
                ? ReadOne(side, isNot, name, value, databases, ref reply)
                : outcome == Outcome.Ok;
            if (!read) return null;
        }
        return filter;
    }

    private static bool ReadIds(Side side, Arguments args, ref int i, ref ReplyWriter reply)
    {
        side.Ids ??= [];
        for (; i < args.Count && Numbers.TryParseLong(args[i], out long id); i++)
        {
            if (id < 1)
            {
                reply.Error(Errors.ClientIdTooSmall);
                return false;
            }
            side.Ids.Add(id);
        }
        return true;
    }

    /// <summary>Options without a NOT- form; false when this is none of them.</summary>
    private bool IsPositiveOnly(ReadOnlySpan<byte> name, out Outcome outcome, ReadOnlySpan<byte> value, long asking, ref ReplyWriter reply)
    {
        outcome = Outcome.Ok;
        if (Is(name, "MAXAGE"u8))
        {
            if (!Numbers.TryParseLong(value, out _maxAge)) outcome = Refuse(Errors.MaxAgeNotInteger, ref reply);
            else if (_maxAge <= 0) outcome = Refuse(Errors.MaxAgeTooSmall, ref reply);
        }
        else if (Is(name, "IDLE"u8))
        {
            if (!Numbers.TryParseLong(value, out _idle)) outcome = Refuse(Errors.IdleNotInteger, ref reply);
            else if (_idle <= 0) outcome = Refuse(Errors.IdleTooSmall, ref reply);
        }
        else if (Is(name, "SKIPME"u8))
        {
            if (Is(value, "YES"u8)) _skipped = asking;
            else if (Is(value, "NO"u8)) _skipped = 0;
            else outcome = Refuse(Errors.Syntax, ref reply);
        }
        else return false;
        return true;
    }

    private static Outcome Refuse(ErrorReply error, ref ReplyWriter reply)
    {
        reply.Error(error);
        return Outcome.Syntax;
    }

    private static bool ReadOne(Side side, bool isNot, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int databases, ref ReplyWriter reply)
    {
        if (Is(name, "ADDR"u8)) side.Address = value.ToArray();
        else if (Is(name, "LADDR"u8)) side.LocalAddress = value.ToArray();
        else if (Is(name, "IP"u8)) side.Ip = value.ToArray();
        else if (Is(name, "NAME"u8)) side.Name = value.ToArray();
        else if (Is(name, "LIB-NAME"u8)) side.LibraryName = value.ToArray();
        else if (Is(name, "LIB-VER"u8)) side.LibraryVersion = value.ToArray();
        else if (Is(name, "TYPE"u8)) return ReadType(side, value, ref reply);
        else if (Is(name, "USER"u8)) return ReadUser(side, value, ref reply);
        else if (Is(name, "FLAGS"u8)) return ReadFlags(side, isNot, value, ref reply);
        else if (Is(name, "CAPA"u8)) return ReadCapabilities(side, isNot, value, ref reply);
        else if (Is(name, "DB"u8)) return ReadDatabase(side, isNot, value, databases, ref reply);
        else
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        return true;
    }

    private static bool ReadType(Side side, ReadOnlySpan<byte> value, ref ReplyWriter reply)
    {
        if (Is(value, "NORMAL"u8)) side.Class = ClientClass.Normal;
        else if (Is(value, "PUBSUB"u8)) side.Class = ClientClass.Subscriber;
        else if (Is(value, "REPLICA"u8) || Is(value, "SLAVE"u8) || Is(value, "PRIMARY"u8) || Is(value, "MASTER"u8)) side.Class = ClientClass.Server;
        if (side.Class is not null) return true;
        reply.Error(Errors.UnknownClientType, value);
        return false;
    }

    private static bool ReadUser(Side side, ReadOnlySpan<byte> value, ref ReplyWriter reply)
    {
        side.ByUser = value.SequenceEqual("default"u8);
        if (!side.ByUser) reply.Error(Errors.NoSuchUser, value);
        return side.ByUser;
    }

    private static bool ReadFlags(Side side, bool isNot, ReadOnlySpan<byte> value, ref ReplyWriter reply)
    {
        value = Shown(value);
        side.Flags = value.ToArray();
        foreach (byte flag in value)
        {
            if (KnownFlags.Contains((char)flag)) continue;
            reply.Error(isNot ? Errors.UnknownNotFilterFlags : Errors.UnknownFilterFlags, value);
            return false;
        }
        return true;
    }

    private static bool ReadCapabilities(Side side, bool isNot, ReadOnlySpan<byte> value, ref ReplyWriter reply)
    {
        value = Shown(value);
        side.Capabilities = value.ToArray();
        if (value.IndexOfAnyExcept((byte)'r') < 0) return true;
        reply.Error(isNot ? Errors.UnknownNotFilterCapa : Errors.UnknownFilterCapa, value);
        return false;
    }

    private static bool ReadDatabase(Side side, bool isNot, ReadOnlySpan<byte> value, int databases, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseInt(value, out side.Database))
            reply.Error(isNot ? Errors.FilterNotDbNotInteger : Errors.FilterDbNotInteger);
        else if (side.Database < 0 || side.Database >= databases)
            reply.Error(isNot ? Errors.FilterNotDbRange : Errors.FilterDbRange, databases - 1);
        else return true;
        return false;
    }

    internal bool Matches(Connection connection, long nowNs)
    {
        Session session = connection.Session;
        if (session.Id == _skipped) return false;
        if (_maxAge != 0 && Seconds(nowNs - session.CreatedNs) < _maxAge) return false;
        if (_idle != 0 && Seconds(nowNs - session.LastUseNs) < _idle) return false;
        return MeetsAll(_wanted, connection) && MeetsNone(_unwanted, connection);
    }

    private static bool MeetsAll(Side side, Connection connection)
    {
        Session session = connection.Session;
        return (side.Ids is null || side.Ids.Contains(session.Id))
            && (side.Address is null || IsText(side.Address, connection.PeerAddress))
            && (side.LocalAddress is null || IsText(side.LocalAddress, connection.LocalAddress))
            && (side.Class is null || side.Class == ClassOf(session))
            && (side.Ip is null || IsIp(side.Ip, connection.PeerAddress))
            && (side.Name is null || IsName(side.Name, session.Name))
            && (side.LibraryName is null || IsName(side.LibraryName, session.LibraryName))
            && (side.LibraryVersion is null || IsName(side.LibraryVersion, session.LibraryVersion))
            && (side.Database < 0 || session.Database == side.Database)
            && (side.Capabilities is null || HasCapabilities(side.Capabilities, session))
            && (side.Flags is null || HasFlags(side.Flags, connection));
    }

    private static bool MeetsNone(Side side, Connection connection)
    {
        Session session = connection.Session;
        return (side.Ids is null || !side.Ids.Contains(session.Id))
            && (side.Address is null || !IsText(side.Address, connection.PeerAddress))
            && (side.LocalAddress is null || !IsText(side.LocalAddress, connection.LocalAddress))
            && side.Class != ClassOf(session)
            && !side.ByUser
            && (side.Ip is null || !IsIp(side.Ip, connection.PeerAddress))
            && (side.Name is null || !IsName(side.Name, session.Name))
            && (side.LibraryName is null || !IsName(side.LibraryName, session.LibraryName))
            && (side.LibraryVersion is null || !IsName(side.LibraryVersion, session.LibraryVersion))
            && (side.Database < 0 || session.Database != side.Database)
            && (side.Capabilities is null || !HasCapabilities(side.Capabilities, session))
            && (side.Flags is null || !HasFlags(side.Flags, connection));
    }

    private static ClientClass ClassOf(Session session) => session.IsSubscriber ? ClientClass.Subscriber : ClientClass.Normal;

    /// <summary>Valkey takes letters up to a zero byte.</summary>
    private static ReadOnlySpan<byte> Shown(ReadOnlySpan<byte> text)
    {
        int zero = text.IndexOf((byte)0);
        return zero < 0 ? text : text[..zero];
    }

    private static long Seconds(long ns) => ns / 1_000_000_000;

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(text, word);

    /// <summary>A name that was never given equals no name, not even an empty one.</summary>
    private static bool IsName(byte[] wanted, byte[] name) => name.Length != 0 && name.AsSpan().SequenceEqual(wanted);

    private static bool IsText(ReadOnlySpan<byte> wanted, string text)
    {
        if (wanted.Length != text.Length) return false;
        for (int i = 0; i < text.Length; i++)
            if (wanted[i] != text[i]) return false;
        return true;
    }

    private static bool IsIp(ReadOnlySpan<byte> ip, string address)
    {
        int start = address.StartsWith('[') ? 1 : 0, end = start + ip.Length;
        if (address.Length < end || !IsText(ip, address[start..end])) return false;
        if (end < address.Length && address[end] == ']') end++;
        return end + 1 < address.Length && address[end] == ':' && address[end + 1] != '0';
    }

    /// <summary>Each letter is a condition of its own; none asks for nothing.</summary>
    private static bool HasCapabilities(byte[] wanted, Session session) => wanted.Length == 0 || session.CapaRedirect;

    private static bool HasFlags(byte[] wanted, Connection connection)
    {
        Span<byte> flags = stackalloc byte[ClientLine.FlagsMax];
        flags = flags[..ClientLine.FormatFlags(connection, flags)];
        foreach (byte flag in wanted)
        {
            // A monitor counts as a replica too.
            bool has = flag == (byte)'S' ? connection.Session.Monitoring : flags.Contains(flag);
            if (!has) return false;
        }
        return true;
    }
}
