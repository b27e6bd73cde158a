using Anax.Core.Buffers;
using Anax.Protocol;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Commands in random pieces must come out as they went in; spoilt bytes may give other commands or an error,
/// but the parser must neither take more than it was given nor stop moving.
/// </summary>
internal sealed class RequestParserFuzzer : IFuzzRounds
{
    private readonly ArgumentList _arguments = new();
    private readonly RequestParser _parser = new();
    private InputBuffer _input;

    public void Round(Random random)
    {
        var commands = new List<byte[][]>();
        using var bytes = new MemoryStream();
        bool isSpoilt = random.Next(3) == 0;
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            byte[][] command = RequestText.Arguments(random.Next(1, 8), random);
            bool isLine = command.Sum(a => a.Length) < 1000 && random.Next(4) == 0;
            byte[] encoded = isLine ? RequestText.EncodeInline(command) : RequestText.Encode(command);
            commands.Add(command);
            bytes.Write(isSpoilt ? RequestText.Spoil(encoded, random) : encoded);
        }

        var parsed = Feed(bytes.ToArray(), random, out bool failed);
        if (!isSpoilt)
            Compare(commands, parsed, failed);
    }

    public void Dispose()
    {
        _parser.Dispose();
        _arguments.Dispose();
        _input.Free();
    }

    private List<byte[][]> Feed(byte[] bytes, Random random, out bool failed)
    {
        var parsed = new List<byte[][]>();
        failed = false;
        _parser.Reset();
        _arguments.Clear();
        _input.Free();
        int pieceMax = random.Next(3) == 0 ? 3 : random.Next(1, bytes.Length + 2);
        for (int start = 0; start < bytes.Length && !failed;)
        {
            var piece = bytes.AsSpan(start, Math.Min(random.Next(1, pieceMax + 1), bytes.Length - start));
            start += piece.Length;
            if (!_parser.DirectTarget.IsEmpty)
            {
                int direct = Math.Min(piece.Length, _parser.DirectTarget.Length);
                piece[..direct].CopyTo(_parser.DirectTarget);
                _parser.DirectReceived(direct);
                piece = piece[direct..];
            }
            if (!_input.TryAppend(piece))
                throw new InvalidOperationException("no memory for the input");
            failed = !Parse(parsed);
        }
        return parsed;
    }

    /// <summary>Takes every complete command; false after a protocol error.</summary>
    private bool Parse(List<byte[][]> parsed)
    {
        while (true)
        {
            int before = _input.Length;
            var status = _parser.Next(_input.Bytes, _arguments, out int consumed);
            if (consumed < 0 || consumed > before)
                throw new InvalidOperationException($"{consumed} of {before} bytes consumed");
            if (status == ParseStatus.Error)
                return false;
            if (status == ParseStatus.Complete)
                parsed.Add(Take());
            _input.Consume(consumed);
            if (status != ParseStatus.Complete)
                return true;
        }
    }

    private byte[][] Take()
    {
        byte[][] command = new byte[_arguments.Count][];
        for (int i = 0; i < command.Length; i++)
            command[i] = _arguments[i].Span.ToArray();
        _arguments.Clear();
        return command;
    }

    private static void Compare(List<byte[][]> expected, List<byte[][]> actual, bool failed)
    {
        if (failed)
            throw new InvalidOperationException("a protocol error in well-formed commands");
        if (expected.Count != actual.Count)
            throw new InvalidOperationException($"{actual.Count} commands instead of {expected.Count}");
        for (int i = 0; i < expected.Count; i++)
        {
            if (!expected[i].Select(Convert.ToHexString).SequenceEqual(actual[i].Select(Convert.ToHexString)))
                throw new InvalidOperationException($"command {i} came out differently");
        }
    }
}
