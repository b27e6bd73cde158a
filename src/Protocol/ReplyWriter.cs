using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Protocol;

// Handlers write RESP3 shapes. What a RESP2 client gets instead:
//
//     RESP3            RESP2                       RESP3            RESP2
//     _    null        $-1 (or *-1 for arrays)     %n   map         *2n
//     #t   boolean     :1 / :0                     ~n   set         *n
//     ,x   double      bulk with the same text     >n   push        *n
//     (x   big number  bulk with the same text     =n   verbatim    bulk without the three letters
//     |n   attribute   nothing: Attribute says false and the caller leaves it out
//
// The writer keeps the stream's free memory in a span of its own and tells the stream only in Flush what it
// has used, so a small reply is a length check and a copy. Between Flush and the next write nobody else may
// write to the stream.

/// <summary>
/// Writes the replies of commands to a stream, in the protocol of its client. A mutable ref struct: handlers
/// take it by reference, and who made it calls <see cref="Flush"/> when it is done.
/// </summary>
public ref struct ReplyWriter
{
    /// <summary>
    /// From this length on a block's bytes are sent from where they lie instead of being copied.
    /// </summary>
    public const int ByReferenceMin = 16 * 1024;

    // A type character, the longest number, a line end.
    private const int HeaderMax = 1 + Numbers.LongTextMax + 2;

    /// <summary>A line end as a little-endian number.</summary>
    private const ushort LineEnd = '\r' | '\n' << 8;

    private readonly ref ReplyStream _stream;
    private readonly ChunkPool _pool;
    private Span<byte> _free;
    private int _used;
    private ReadOnlySpan<byte> _errorCode;

    public ReplyWriter(ref ReplyStream stream, ChunkPool pool, RespVersion version)
    {
        _stream = ref stream;
        _pool = pool;
        Version = version;
    }

    /// <summary>The client's protocol; HELLO changes it before it writes its own reply.</summary>
    public RespVersion Version;

    /// <summary>True when an error was written since the last <see cref="Reset"/>.</summary>
    public readonly bool HasError => !_errorCode.IsEmpty;

    /// <summary>The first word of the last error written since the last <see cref="Reset"/>.</summary>
    public readonly ReadOnlySpan<byte> ErrorCode => _errorCode;

    /// <summary>How many bytes the stream holds, those included that were not flushed.</summary>
    public readonly long Length => _stream.Length + _used;

    private readonly bool IsResp3 => Version == RespVersion.Resp3;

    /// <summary>Starts the next command: forgets the errors of the one before.</summary>
    public void Reset() => _errorCode = default;

    /// <summary>Tells the stream what was written.</summary>
    public void Flush()
    {
        if (_used > 0) _stream.Advance(_used);
        _used = 0;
        _free = default;
    }

    public ReplyStream.Mark Save()
    {
        Flush();
        return _stream.Save();
    }

    /// <summary>Takes back all that was written since the mark, errors included.</summary>
    public void Restore(ReplyStream.Mark mark)
    {
        Flush();
        _stream.Restore(_pool, mark);
        _errorCode = default;
    }

    // --- Simple replies ----------------------------------------------------------------------------------

    public void Ok() => Copy("+OK\r\n"u8);

    /// <summary>A status that this program wrote; it must have no line end in it.</summary>
    public void Simple(scoped ReadOnlySpan<byte> text)
    {
        Copy("+"u8);
        Copy(text);
        Copy("\r\n"u8);
    }

    public void Integer(long value) => Header((byte)':', value);

    public void Boolean(bool value)
    {
        if (IsResp3) Copy(value ? "#t\r\n"u8 : "#f\r\n"u8);
        else Copy(value ? ":1\r\n"u8 : ":0\r\n"u8);
    }

    public void Null() => Copy(IsResp3 ? "_\r\n"u8 : "$-1\r\n"u8);

    public void NullArray() => Copy(IsResp3 ? "_\r\n"u8 : "*-1\r\n"u8);

    public void Double(double value)
    {
        Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
        Number((byte)',', text[..Numbers.FormatDouble(value, text)]);
    }

    /// <summary>A double whose text was made elsewhere.</summary>
    public void DoubleText(scoped ReadOnlySpan<byte> text) => Number((byte)',', text);

    public void BigNumber(scoped ReadOnlySpan<byte> digits) => Number((byte)'(', digits);

    // --- Strings -----------------------------------------------------------------------------------------

    public void Bulk(scoped ReadOnlySpan<byte> value)
    {
        var needed = value.Length + HeaderMax + 2;
        if (needed > _free.Length - _used)
        {
            BulkInPieces(value);
            return;
        }
        var target = _free[_used..];
        var at = FormatHeader(target, (byte)'$', value.Length);
        value.CopyTo(target[at..]);
        at += value.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(target[at..], LineEnd);
        _used += at + 2;
    }

    /// <summary>An integer as a bulk string.</summary>
    public void Bulk(long value)
    {
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        Bulk(text[..Numbers.FormatLong(value, text)]);
    }

    /// <summary>A range of a block as a bulk string, by reference when it is long.</summary>
    public void BulkBlock(NativeBlock block, int start, int length)
    {
        if (length < ByReferenceMin)
        {
            Bulk(block.Bytes.Slice(start, length));
            return;
        }
        Header((byte)'$', length);
        Flush();
        _stream.AppendBlock(_pool, block, start, length);
        Copy("\r\n"u8);
    }

    /// <summary>A text with its format, three letters such as <c>txt</c>.</summary>
    public void Verbatim(scoped ReadOnlySpan<byte> format, scoped ReadOnlySpan<byte> text)
    {
        if (!IsResp3)
        {
            Bulk(text);
            return;
        }
        Header((byte)'=', format.Length + 1 + text.Length);
        Copy(format);
        Copy(":"u8);
        Copy(text);
        Copy("\r\n"u8);
    }

    /// <summary>The header of a verbatim text whose bytes and line end the caller writes.</summary>
    public void VerbatimHeader(scoped ReadOnlySpan<byte> format, long length)
    {
        if (!IsResp3)
        {
            Header((byte)'$', length);
            return;
        }
        Header((byte)'=', format.Length + 1 + length);
        Copy(format);
        Copy(":"u8);
    }

    /// <summary>Bytes that are already a reply, or part of one.</summary>
    public void Raw(scoped ReadOnlySpan<byte> bytes) => Copy(bytes);

    /// <summary>
    /// Replies that were written to another stream, without copying more than small pieces.
    /// </summary>
    public void Raw(ref ReplyStream replies)
    {
        Flush();
        _stream.Append(_pool, ref replies);
    }

    /// <summary>A range of a block as part of a reply, by reference when it is long.</summary>
    public void RawBlock(NativeBlock block, int start, int length)
    {
        if (length < ByReferenceMin)
        {
            Copy(block.Bytes.Slice(start, length));
            return;
        }
        Flush();
        _stream.AppendBlock(_pool, block, start, length);
    }

    // --- Aggregates --------------------------------------------------------------------------------------

    public void Array(long count) => Header((byte)'*', count);

    public void Map(long pairs)
    {
        if (IsResp3) Header((byte)'%', pairs);
        else Header((byte)'*', pairs * 2);
    }

    public void Set(long count) => Header(IsResp3 ? (byte)'~' : (byte)'*', count);

    public void Push(long count) => Header(IsResp3 ? (byte)'>' : (byte)'*', count);

    /// <summary>
    /// False when the client knows no attributes: then nothing was written, and the pairs must not be.
    /// </summary>
    public bool Attribute(long pairs)
    {
        if (IsResp3) Header((byte)'|', pairs);
        return IsResp3;
    }

    /// <summary>Keeps room for an aggregate's header. Deferred headers are resolved inside out.</summary>
    public ReplyStream.DeferredHeader Defer()
    {
        Flush();
        return _stream.Defer(_pool);
    }

    public void ResolveArray(ReplyStream.DeferredHeader header, long count) =>
        Resolve(header, (byte)'*', count);

    /// <summary>Of a string whose bytes and line end were written behind it.</summary>
    public void ResolveBulk(ReplyStream.DeferredHeader header, long length) => Resolve(header, (byte)'$', length);

    /// <summary>The header of a string whose bytes and line end the caller writes.</summary>
    public void BulkHeader(long length) => Header((byte)'$', length);

    public void ResolveSet(ReplyStream.DeferredHeader header, long count) =>
        Resolve(header, IsResp3 ? (byte)'~' : (byte)'*', count);

    public void ResolveMap(ReplyStream.DeferredHeader header, long pairs)
    {
        if (IsResp3) Resolve(header, (byte)'%', pairs);
        else Resolve(header, (byte)'*', pairs * 2);
    }

    // --- Errors ------------------------------------------------------------------------------------------

    public void Error(ErrorReply error)
    {
        _errorCode = error.Code;
        Copy(error.Bytes);
    }

    public void Error(Outcome outcome) => Error(Errors.For(outcome));

    /// <summary>
    /// An error with one part. What came from a client may be anything; line ends in it become spaces.
    /// </summary>
    public void Error(ErrorTemplate error, scoped ReadOnlySpan<byte> part)
    {
        _errorCode = error.Code;
        Copy(error.Before);
        Escaped(error.After.IsEmpty ? UpToNul(part).TrimEnd("\r\n"u8) : UpToNul(part));
        Copy(error.After);
        Copy("\r\n"u8);
    }

    public void Error(
        ErrorTemplate error, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second)
    {
        _errorCode = error.Code;
        Copy(error.Before);
        Escaped(UpToNul(first));
        Copy(error.Between);
        Escaped(UpToNul(second));
        Copy(error.After);
        Copy("\r\n"u8);
    }

    /// <summary>One character of the client's, which unlike a word may be a zero byte.</summary>
    public void ErrorWithCharacter(ErrorTemplate error, byte character)
    {
        _errorCode = error.Code;
        Copy(error.Before);
        Escaped([character]);
        Copy(error.After);
        Copy("\r\n"u8);
    }

    public void Error(ErrorTemplate error, long part)
    {
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        Error(error, text[..Numbers.FormatLong(part, text)]);
    }

    public void Error(ErrorTemplate error, long first, long second)
    {
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        Span<byte> text2 = stackalloc byte[Numbers.LongTextMax];
        Error(error, text[..Numbers.FormatLong(first, text)], text2[..Numbers.FormatLong(second, text2)]);
    }

    /// <summary>An error that nobody could list: a code and a text of this program or of a script.</summary>
    public void ErrorText(ReadOnlySpan<byte> code, scoped ReadOnlySpan<byte> text)
    {
        _errorCode = code;
        Copy("-"u8);
        Copy(code);
        Copy(" "u8);
        Escaped(text);
        Copy("\r\n"u8);
    }

    public void WrongArity(scoped ReadOnlySpan<byte> command) => Error(Errors.WrongArity, command);

    public void UnknownCommand(Arguments arguments)
    {
        const int ArgumentsMax = 128;
        _errorCode = "ERR"u8;
        Copy("-ERR unknown command '"u8);
        Escaped(Cut(arguments[0], PartMax));
        Copy("', with args beginning with: "u8);
        var written = 0;
        for (var i = 1; i < arguments.Count && written < ArgumentsMax; i++)
        {
            var argument = Cut(arguments[i], ArgumentsMax - written);
            Copy("'"u8);
            Escaped(argument);
            Copy("' "u8);
            written += argument.Length + 3;
        }
        Copy("\r\n"u8);
    }

    /// <summary>
    /// The container has no such subcommand. The container's name is given as its row has it, in any case.
    /// </summary>
    public void UnknownSubcommand(scoped ReadOnlySpan<byte> container, scoped ReadOnlySpan<byte> subcommand) =>
        ContainerError(Errors.UnknownSubcommand, container, subcommand);

    /// <summary>The subcommand exists, but not with these arguments.</summary>
    public void SubcommandSyntax(scoped ReadOnlySpan<byte> container, scoped ReadOnlySpan<byte> subcommand) =>
        ContainerError(Errors.SubcommandSyntax, container, subcommand);

    // --- Inside ------------------------------------------------------------------------------------------

    // What Redis cuts a client's word to where it quotes it in an error.
    private const int PartMax = 128;

    private void ContainerError(
        ErrorTemplate error, scoped ReadOnlySpan<byte> container, scoped ReadOnlySpan<byte> subcommand)
    {
        const int NameMax = 64;
        Span<byte> upper = stackalloc byte[NameMax];
        upper = upper[..Math.Min(NameMax, container.Length)];
        container[..upper.Length].CopyTo(upper);
        Ascii.ToUpperInPlace(upper);
        Error(error, Cut(subcommand, PartMax), upper);
    }

    // Redis prints these words as C strings: a zero byte ends them.
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int max)
    {
        var cut = text.Length > max ? text[..max] : text;
        var end = cut.IndexOf((byte)0);
        return end < 0 ? cut : cut[..end];
    }

    private void Resolve(ReplyStream.DeferredHeader header, byte type, long count)
    {
        Flush();
        Span<byte> text = stackalloc byte[HeaderMax];
        _stream.Resolve(header, text[..FormatHeader(text, type, count)]);
    }

    private void Number(byte type, scoped ReadOnlySpan<byte> text)
    {
        if (!IsResp3)
        {
            Bulk(text);
            return;
        }
        Copy([type]);
        Copy(text);
        Copy("\r\n"u8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Header(byte type, long number)
    {
        if (_free.Length - _used < HeaderMax) MakeRoom(HeaderMax);
        _used += FormatHeader(_free[_used..], type, number);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FormatHeader(Span<byte> target, byte type, long number)
    {
        if ((ulong)number < 10)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, type | (uint)('0' + number) << 8 | (uint)LineEnd << 16);
            return 4;
        }
        target[0] = type;
        var end = 1 + Numbers.FormatLong(number, target[1..]);
        BinaryPrimitives.WriteUInt16LittleEndian(target[end..], LineEnd);
        return end + 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Copy(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _free.Length - _used)
        {
            CopyInPieces(bytes);
            return;
        }
        bytes.CopyTo(_free[_used..]);
        _used += bytes.Length;
    }

    /// <summary>Clients' words stand in error texts as C strings: they end at the first zero byte.</summary>
    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    private void Escaped(scoped ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny((byte)'\r', (byte)'\n');
            Copy(end < 0 ? text : text[..end]);
            if (end < 0) return;
            Copy(" "u8);
            text = text[(end + 1)..];
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BulkInPieces(scoped ReadOnlySpan<byte> value)
    {
        Header((byte)'$', value.Length);
        Copy(value);
        Copy("\r\n"u8);
    }

    // Fills what is left of the chunk first: a long value must not leave half a chunk empty before each of
    // its pieces.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CopyInPieces(scoped ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var count = Math.Min(_free.Length - _used, bytes.Length);
            bytes[..count].CopyTo(_free[_used..]);
            _used += count;
            bytes = bytes[count..];
            if (bytes.IsEmpty) return;
            MakeRoom(1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom(int atLeast)
    {
        Flush();
        _free = _stream.GetSpan(_pool, atLeast);
    }
}
