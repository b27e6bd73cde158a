using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Protocol;

// A request is an array of bulk strings, or a line:
//
//     *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $5\r\nvalue\r\n          SET k "value"\r\n
//
// 1. A whole command is parsed in one scan, straight into the caller's list, with slices that point into the
//    input.
// 2. When the input ends inside a command, the arguments found so far are detached (kept as offsets from the
//    command's start, because the input may move before it is offered again) and parsing goes on from
//    _position. So each byte is looked at once, whatever the pieces are that it comes in.
// 3. When the argument that is cut off is large, it gets a block of its size, what there is of it is copied
//    there, and the detached ones are saved: then all input is consumed, and the rest of the argument may be
//    received in place.
// 4. Nothing is kept between commands: an idle connection has no memory here.
//
//     between commands --> in a command (_remaining > 0) --> complete
//                              |        ^
//                              v        | line end
//                          receiving (_direct), _directReceived < its length

/// <summary>
/// Cuts a client's bytes into commands. One per connection, used by its loop; it keeps its place inside an
/// incomplete command. Input must lie in native memory, because the slices that it makes point there.
/// </summary>
public sealed class RequestParser : IDisposable
{
    private const ushort LineEnd = 0x0A0D;
    private const int LineEndBytes = 2;
    private const long UnknownLength = -1;

    // "*N\r\n" and "$N\r\n" as a little-endian word, without the digit.
    private const uint OneDigitMask = 0xFFFF00FF;
    private const uint OneDigitCount = '*' | ((uint)LineEnd << 16);
    private const uint OneDigitBulk = '$' | ((uint)LineEnd << 16);

    private readonly ArgumentList _pending = new();

    // Arguments of the current command that are not complete; 0 between commands.
    private int _remaining;

    // Where parsing goes on, and how far the search for a line end has come, from the start of the offered
    // input.
    private int _position;
    private int _scanned;

    // Length of the argument that starts at _position, when its line was read already.
    private long _bulkLength = UnknownLength;

    // The large argument that is being received; not null until its line end was read.
    private NativeBlock _direct;
    private int _directReceived;

    private ParseError _error;
    private byte _errorByte;

    private enum ParseError : byte
    {
        None,
        TooBigInline,
        TooBigCountLine,
        InvalidCount,
        UnauthenticatedCount,
        UnauthenticatedBulk,
        TooBigBulkLine,
        ExpectedBulk,
        InvalidBulk,
        UnbalancedQuotes,
        InvalidLineEnd,
        OutOfMemory,
    }

    /// <summary>proto-max-bulk-len.</summary>
    public long BulkBytesMax { get; set; } = ProtocolLimits.BulkBytes;

    /// <summary>max_multi_bulk_len. At least ten: counts of one digit are not compared.</summary>
    public long ArgumentsMax { get; set; } = ProtocolLimits.Arguments;

    /// <summary>
    /// False while a password is awaited, which lowers the limits. Who sets it must run a command before
    /// parsing the next, because AUTH raises them.
    /// </summary>
    public bool IsAuthenticated { get; set; } = true;

    /// <summary>True inside a command.</summary>
    public bool IsInCommand => _remaining != 0;

    /// <summary>Where the next bytes of a large argument go; empty when none is being received.</summary>
    public Span<byte> DirectTarget => _direct.IsNull ? default : _direct.Bytes[_directReceived..];

    /// <summary>
    /// Native memory held for the incomplete command, for client-query-buffer-limit and accounting.
    /// </summary>
    public long HeldBytes =>
        _pending.AllocatedBytes + _pending.BlockBytes + (_direct.IsNull ? 0 : _direct.FootprintBytes);

    /// <summary>
    /// Looks for one command at the start of the input and appends its arguments. Whatever is found, the
    /// consumed bytes must not be offered again. After Complete the input must stay until the arguments were
    /// used.
    /// </summary>
    public ParseStatus Next(ReadOnlySpan<byte> input, ArgumentList arguments, out int consumed)
    {
        if (_remaining != 0) return Continue(input, arguments, out consumed);
        consumed = 0;
        var first = arguments.Count;
        while (consumed < input.Length)
        {
            var rest = input[consumed..];
            var status = rest[0] == '*'
                ? ParseArray(rest, arguments, out var length)
                : ParseInline(rest, arguments, out length);
            consumed += length;
            // An empty line or array is skipped, as if it had not been there.
            if (status != ParseStatus.Complete || arguments.Count > first) return status;
        }
        return ParseStatus.Incomplete;
    }

    /// <summary>Says how many bytes were received into <see cref="DirectTarget"/>.</summary>
    public void DirectReceived(int count)
    {
        Invariant.Holds((uint)count <= (uint)DirectTarget.Length, "more received than the argument has room");
        _directReceived += count;
    }

    /// <summary>Writes the reply for a malformed request.</summary>
    public void WriteError(ref ReplyWriter reply)
    {
        if (_error == ParseError.ExpectedBulk) reply.ErrorWithCharacter(Errors.ProtocolExpectedBulk, _errorByte);
        else reply.Error(ErrorOf(_error));
    }

    /// <summary>Forgets everything, for a new connection.</summary>
    public void Reset()
    {
        EndCommand();
        _error = ParseError.None;
        BulkBytesMax = ProtocolLimits.BulkBytes;
        ArgumentsMax = ProtocolLimits.Arguments;
        IsAuthenticated = true;
    }

    public void Dispose() => EndCommand();

    private static ErrorReply ErrorOf(ParseError error) => error switch
    {
        ParseError.None => default,
        ParseError.TooBigInline => Errors.ProtocolTooBigInline,
        ParseError.TooBigCountLine => Errors.ProtocolTooBigCountLine,
        ParseError.InvalidCount => Errors.ProtocolInvalidCount,
        ParseError.UnauthenticatedCount => Errors.ProtocolUnauthenticatedCount,
        ParseError.UnauthenticatedBulk => Errors.ProtocolUnauthenticatedBulk,
        ParseError.TooBigBulkLine => Errors.ProtocolTooBigBulkLine,
        ParseError.ExpectedBulk => default,
        ParseError.InvalidBulk => Errors.ProtocolInvalidBulk,
        ParseError.UnbalancedQuotes => Errors.ProtocolUnbalancedQuotes,
        ParseError.InvalidLineEnd => Errors.ProtocolInvalidLineEnd,
        ParseError.OutOfMemory => Errors.OutOfMemory,
    };

    // --- Inline commands ---------------------------------------------------------------------------------

    private ParseStatus ParseInline(ReadOnlySpan<byte> input, ArgumentList arguments, out int length)
    {
        length = 0;
        // A zero byte hides the line end behind it, as it does from C's string functions: such a line never
        // ends.
        var end = input[_scanned..].IndexOfAny((byte)'\n', (byte)0);
        if (end < 0 || input[_scanned + end] == 0)
        {
            _scanned = end < 0 ? input.Length : _scanned + end;
            if (input.Length <= ProtocolLimits.LineBytes) return ParseStatus.Incomplete;
            return Fail(ParseError.TooBigInline);
        }
        end += _scanned;
        _scanned = 0;
        length = end + 1;
        if (end > 0 && input[end - 1] == '\r') end--;
        return InlineSplitter.Split(input[..end], arguments) switch
        {
            InlineSplitter.Result.Done => ParseStatus.Complete,
            InlineSplitter.Result.UnbalancedQuotes => Fail(ParseError.UnbalancedQuotes),
            InlineSplitter.Result.OutOfMemory => Fail(ParseError.OutOfMemory),
        };
    }

    // --- Arrays of bulk strings --------------------------------------------------------------------------

    private ParseStatus ParseArray(ReadOnlySpan<byte> input, ArgumentList arguments, out int consumed)
    {
        consumed = 0;
        if (_scanned == 0 && input.Length >= sizeof(uint))
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(input);
            var digit = ((word >> 8) & 0xFF) - '0';
            if ((word & OneDigitMask) == OneDigitCount && digit - 1 < 9)
            {
                _remaining = (int)digit;
                return ParseArguments(input, sizeof(uint), arguments, out consumed);
            }
        }

        var line = FindLine(input, ParseError.TooBigCountLine, out var status);
        if (line < 0) return status;
        if (input[line + 1] != '\n') return Fail(ParseError.InvalidLineEnd);
        if (!Numbers.TryParseLong(input[1..line], out var count) || count > ArgumentsMax)
            return Fail(ParseError.InvalidCount);
        if (count > ProtocolLimits.UnauthenticatedArguments && !IsAuthenticated)
            return Fail(ParseError.UnauthenticatedCount);
        if (count <= 0)
        {
            consumed = line + LineEndBytes;
            return ParseStatus.Complete;
        }
        _remaining = (int)count;
        return ParseArguments(input, line + LineEndBytes, arguments, out consumed);
    }

    // Arguments of one or two digits of length are recognised by one comparison and a loop over the digits;
    // what does not look like that is read again, slowly, by ReadBulkLine, which knows all the errors.
    private ParseStatus ParseArguments(
        ReadOnlySpan<byte> input, int position, ArgumentList arguments, out int consumed)
    {
        var first = arguments.Count;
        var remaining = _remaining;
        var bulkLength = _bulkLength;
        var status = ParseStatus.Complete;
        for (; remaining > 0; remaining--)
        {
            if (bulkLength == UnknownLength)
            {
                // A search that was broken off is taken up by ReadBulkLine, which knows how far it came.
                if (_scanned != 0 || !TryReadShortLine(input, ref position, out bulkLength))
                {
                    status = ReadBulkLine(input, ref position, out bulkLength);
                    if (status != ParseStatus.Complete) break;
                }
            }
            if (input.Length - position - LineEndBytes < bulkLength)
            {
                status = ParseStatus.Incomplete;
                break;
            }
            var length = (int)bulkLength;
            var argument = input.Slice(position, length);
            position += length;
            if (BinaryPrimitives.ReadUInt16LittleEndian(input[position..]) != LineEnd)
            {
                status = Fail(ParseError.InvalidLineEnd);
                break;
            }
            arguments.Add(ArgumentSlice.From(argument));
            position += LineEndBytes;
            bulkLength = UnknownLength;
        }

        consumed = 0;
        _remaining = remaining;
        _bulkLength = bulkLength;
        if (status == ParseStatus.Complete)
        {
            consumed = position;
            return status;
        }
        if (status == ParseStatus.Error) return status;
        return Suspend(input, position, arguments, first, out consumed);
    }

    // "$" and up to four digits without a leading zero, which no limit but a small BulkBytesMax refuses.
    // Longer and unusual ones are left to ReadBulkLine.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadShortLine(ReadOnlySpan<byte> input, ref int position, out long length)
    {
        const int DigitsMax = 4;
        const int LineMax = 1 + DigitsMax + LineEndBytes;
        length = UnknownLength;
        var line = input[position..];
        if (line.Length < sizeof(uint)) return false;
        var word = BinaryPrimitives.ReadUInt32LittleEndian(line);
        var value = ((word >> 8) & 0xFF) - '0';
        if (value > 9) return false;
        if ((word & OneDigitMask) == OneDigitBulk)
        {
            length = value;
            position += sizeof(uint);
            return true;
        }
        if (line.Length < LineMax || line[0] != '$' || value == 0) return false;
        var end = 2;
        for (; end <= DigitsMax; end++)
        {
            var digit = (uint)(line[end] - '0');
            if (digit > 9) break;
            value = (value * 10) + digit;
        }
        if (line[end] != '\r' || line[end + 1] != '\n' || value > BulkBytesMax) return false;
        length = value;
        position += end + LineEndBytes;
        return true;
    }

    private ParseStatus ReadBulkLine(ReadOnlySpan<byte> input, ref int position, out long length)
    {
        length = UnknownLength;
        var rest = input[position..];
        var line = FindLine(rest, ParseError.TooBigBulkLine, out var status);
        if (line < 0) return status;
        if (rest[0] != '$')
        {
            _errorByte = rest[0];
            return Fail(ParseError.ExpectedBulk);
        }
        if (rest[line + 1] != '\n') return Fail(ParseError.InvalidLineEnd);
        var max = Math.Min(BulkBytesMax, NativeBlock.CapacityMax);
        if (!Numbers.TryParseLong(rest[1..line], out var value) || value < 0 || value > max)
            return Fail(ParseError.InvalidBulk);
        if (value > ProtocolLimits.UnauthenticatedBulkBytes && !IsAuthenticated)
            return Fail(ParseError.UnauthenticatedBulk);
        length = value;
        position += line + LineEndBytes;
        return ParseStatus.Complete;
    }

    // Where the line's CR is, when the byte behind it is there too. Remembers how far it has looked.
    private int FindLine(ReadOnlySpan<byte> line, ParseError tooBig, out ParseStatus status)
    {
        status = ParseStatus.Incomplete;
        var found = line[_scanned..].IndexOf((byte)'\r');
        if (found < 0)
        {
            if (line.Length > ProtocolLimits.LineBytes) status = Fail(tooBig);
            _scanned = line.Length;
            return -1;
        }
        _scanned += found;
        if (_scanned == line.Length - 1) return -1;
        found = _scanned;
        _scanned = 0;
        return found;
    }

    // --- Commands in pieces ------------------------------------------------------------------------------

    private ParseStatus Continue(ReadOnlySpan<byte> input, ArgumentList arguments, out int consumed)
    {
        consumed = 0;
        if (!_direct.IsNull && !TryFinishDirect(input, out var status))
        {
            consumed = status == ParseStatus.Direct ? input.Length : 0;
            return status;
        }
        var first = arguments.Count;
        var position = _position;
        // Until the rest of the command is here, the pending arguments stay where they are.
        status = ParseArguments(input, position, arguments, out consumed);
        if (status != ParseStatus.Complete) return status;
        arguments.InsertFrom(first, _pending, input);
        EndCommand();
        return status;
    }

    // Takes what belongs to the large argument, and its line end; true when parsing can go on behind it.
    private bool TryFinishDirect(ReadOnlySpan<byte> input, out ParseStatus status)
    {
        var target = DirectTarget;
        var taken = Math.Min(target.Length, input.Length - _position);
        input.Slice(_position, taken).CopyTo(target);
        _directReceived += taken;
        if (taken < target.Length)
        {
            status = ParseStatus.Direct;
            return false;
        }
        _position += taken;
        status = ParseStatus.Incomplete;
        if (input.Length - _position < LineEndBytes) return false;
        if (BinaryPrimitives.ReadUInt16LittleEndian(input[_position..]) != LineEnd)
        {
            status = Fail(ParseError.InvalidLineEnd);
            return false;
        }
        _position += LineEndBytes;
        _pending.AddBlock(_direct, _direct.Capacity);
        _direct = default;
        _remaining--;
        return true;
    }

    private ParseStatus Suspend(
        ReadOnlySpan<byte> input, int position, ArgumentList arguments, int first, out int consumed)
    {
        consumed = 0;
        arguments.DetachTo(_pending, first, input);
        _position = position;
        var there = input.Length - position;
        if (_bulkLength < ProtocolLimits.DirectBytes || there >= _bulkLength) return ParseStatus.Incomplete;

        var block = NativeBlock.Allocate((int)_bulkLength);
        if (block.IsNull || !_pending.TrySaveDetached(input))
        {
            if (!block.IsNull) block.Release();
            return Fail(ParseError.OutOfMemory);
        }
        input[position..].CopyTo(block.Bytes);
        _direct = block;
        _directReceived = there;
        _bulkLength = UnknownLength;
        _position = 0;
        consumed = input.Length;
        return ParseStatus.Direct;
    }

    private void EndCommand()
    {
        if (!_direct.IsNull) _direct.Release();
        _direct = default;
        _directReceived = 0;
        _pending.Trim();
        _remaining = 0;
        _position = 0;
        _scanned = 0;
        _bulkLength = UnknownLength;
    }

    private ParseStatus Fail(ParseError error)
    {
        _error = error;
        return ParseStatus.Error;
    }
}
