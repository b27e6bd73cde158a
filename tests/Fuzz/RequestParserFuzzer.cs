using System.Runtime.InteropServices;
using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Feeds one mutated stream to the request parser and to the naive one, in the same random pieces, and
/// compares the commands, the error and what is left. Some streams are read as from a client that has not
/// given its password.
/// </summary>
internal sealed unsafe class RequestParserFuzzer : IFuzzRounds
{
    private readonly RequestParser _parser = new();
    private readonly ArgumentList _arguments = new();
    private readonly List<byte[][]> _commands = [];
    private bool _inPlace;
    private InputBuffer _buffer;
    private string? _error;

    public void Round(Random random)
    {
        var input = RespMutator.Stream(random);
        var authenticated = random.Next(4) != 0;
        // The option's least value is a megabyte; lengths of one digit are not compared with it.
        var bulkMax = random.Next(4) == 0 ? random.Next(10, 70_000) : 512L * 1024 * 1024;
        var naive = new NaiveParser { IsAuthenticated = authenticated, BulkMax = bulkMax };
        Reset();
        _inPlace = random.Next(2) == 0;
        _parser.IsAuthenticated = authenticated;
        _parser.BulkBytesMax = bulkMax;

        var pieceMax = (int)Math.Pow(10, random.Next(1, 6));
        for (var at = 0; at < input.Length && naive.Error == null;)
        {
            var piece = input.AsSpan(at, Math.Min(input.Length - at, random.Next(1, pieceMax)));
            naive.Feed(piece);
            Feed(piece);
            at += piece.Length;
            Compare(naive);
        }
    }

    public void Dispose()
    {
        _parser.Dispose();
        _arguments.Dispose();
        _buffer.Free();
    }

    // One parser for all rounds, as a connection's is used again: what a round leaves would show in the next.
    private void Reset()
    {
        _parser.Reset();
        _arguments.Clear();
        _buffer.Free();
        _commands.Clear();
        _error = null;
    }

    private void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_inPlace && !_parser.DirectTarget.IsEmpty)
        {
            var count = Math.Min(bytes.Length, _parser.DirectTarget.Length);
            bytes[..count].CopyTo(_parser.DirectTarget);
            _parser.DirectReceived(count);
            bytes = bytes[count..];
        }
        // A copy of its own for each call, spoilt afterwards: a slice that still pointed there would be found
        // out.
        var length = _buffer.Length + bytes.Length;
        var memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, length));
        var input = new Span<byte>(memory, length);
        _buffer.Bytes.CopyTo(input);
        bytes.CopyTo(input[_buffer.Length..]);
        _buffer.Free();
        Parse(input);
        input.Fill(0xDD);
        NativeMemory.Free(memory);
    }

    private void Parse(ReadOnlySpan<byte> input)
    {
        while (true)
        {
            var status = _parser.Next(input, _arguments, out var consumed);
            input = input[consumed..];
            switch (status)
            {
                case ParseStatus.Complete:
                    var command = new byte[_arguments.Count][];
                    for (var i = 0; i < command.Length; i++) command[i] = _arguments[i].Span.ToArray();
                    _commands.Add(command);
                    _arguments.Clear();
                    break;
                case ParseStatus.Error:
                    _error = ReadError();
                    return;
                default:
                    if (_buffer.TryAppend(input)) return;
                    throw new InvalidOperationException("the buffer refused the input");
            }
        }
    }

    private string ReadError()
    {
        using var pool = new ChunkPool();
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, pool, RespVersion.Resp2);
        _parser.WriteError(ref reply);
        reply.Flush();
        var text = new byte[stream.Length];
        stream.CopyTo(text);
        stream.Free(pool);
        return Encoding.Latin1.GetString(text);
    }

    private void Compare(NaiveParser naive)
    {
        if (_error != naive.Error)
            throw new InvalidOperationException($"error '{_error}' instead of '{naive.Error}'");
        if (_commands.Count != naive.Commands.Count)
            throw new InvalidOperationException($"{_commands.Count} commands instead of {naive.Commands.Count}");
        for (var i = 0; i < _commands.Count; i++)
        {
            if (!Same(_commands[i], naive.Commands[i]))
                throw new InvalidOperationException($"command {i} differs");
        }
        if (_error == null && naive.Left == 0 && (_parser.HeldBytes != 0 || _buffer.Capacity != 0))
            throw new InvalidOperationException($"{_parser.HeldBytes} bytes are held between commands");
    }

    private static bool Same(byte[][] left, byte[][] right)
    {
        if (left.Length != right.Length) return false;
        for (var i = 0; i < left.Length; i++)
        {
            if (!left[i].AsSpan().SequenceEqual(right[i])) return false;
        }
        return true;
    }
}
