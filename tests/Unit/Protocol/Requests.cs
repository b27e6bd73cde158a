using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;
using Anax.Tests.Unit.Core.Buffers;

namespace Anax.Tests.Unit.Protocol;

/// <summary>A connection's part around the parser, as the server does it: feeds bytes in pieces.</summary>
internal sealed class Requests : IDisposable
{
    private readonly ArgumentList _arguments = new();
    private readonly ChunkPool _pool = new();
    private InputBuffer _buffer;

    public RequestParser Parser { get; } = new();

    public List<string[]> Commands { get; } = [];

    /// <summary>The error reply, when the input was malformed.</summary>
    public string? Error { get; private set; }

    /// <summary>How many bytes wait for the rest of their command.</summary>
    public int Buffered => _buffer.Length;

    public long HeldBytes => Parser.HeldBytes + _buffer.Capacity;

    /// <summary>True for large arguments to be received in place, false to have them come as input.</summary>
    public bool ReceivesInPlace { get; init; }

    public static string Encode(params string[] arguments)
    {
        var text = new StringBuilder().Append('*').Append(arguments.Length).Append("\r\n");
        foreach (var argument in arguments) text.Append($"${argument.Length}\r\n{argument}\r\n");
        return text.ToString();
    }

    public Requests Feed(string bytes) => Feed(Encoding.Latin1.GetBytes(bytes));

    public Requests Feed(ReadOnlySpan<byte> bytes)
    {
        if (Error != null) return this;
        if (ReceivesInPlace && !Parser.DirectTarget.IsEmpty)
        {
            var count = Math.Min(bytes.Length, Parser.DirectTarget.Length);
            bytes[..count].CopyTo(Parser.DirectTarget);
            Parser.DirectReceived(count);
            bytes = bytes[count..];
        }
        // A fresh copy for each call: nothing may point into bytes of an earlier one.
        using var input = new NativeBytes(_buffer.IsEmpty ? bytes : [.. _buffer.Bytes, .. bytes]);
        _buffer.Free();
        var rest = (ReadOnlySpan<byte>)input.Span;
        while (Error == null)
        {
            var status = Parser.Next(rest, _arguments, out var consumed);
            rest = rest[consumed..];
            if (status == ParseStatus.Complete)
            {
                Commands.Add(Take());
                continue;
            }
            if (status == ParseStatus.Error) Error = ReadError();
            else if (!_buffer.TryAppend(rest)) Error = "buffer";
            break;
        }
        return this;
    }

    public void Dispose()
    {
        Parser.Dispose();
        _arguments.Dispose();
        _buffer.Free();
        _pool.Dispose();
    }

    private string[] Take()
    {
        var command = new string[_arguments.Count];
        for (var i = 0; i < command.Length; i++) command[i] = Encoding.Latin1.GetString(_arguments[i].Span);
        _arguments.Clear();
        return command;
    }

    private string ReadError()
    {
        var stream = default(ReplyStream);
        var writer = new ReplyWriter(ref stream, _pool, RespVersion.Resp2);
        Parser.WriteError(ref writer);
        writer.Flush();
        Span<byte> text = stackalloc byte[256];
        var length = stream.CopyTo(text);
        stream.Free(_pool);
        return Encoding.Latin1.GetString(text[..length]);
    }
}
