using System.Text;
using Anax.Core.Memory;

namespace Anax.Bench.Shards;

/// <summary>
/// Requests as a client sends them, in native memory: a window of commands that are written once, and into which the keys
/// are put before each use. One loop's alone.
/// </summary>
internal sealed class RequestBatch : IDisposable
{
    /// <summary>Commands of the window; a batch is a divisor of it.</summary>
    public const int Window = 32;

    private const int BytesMax = 16 * 1024;
    private const string KeyMark = "KEY";
    private const int SecondsToLive = 100_000;

    /// <summary>Bytes of a value.</summary>
    private const int ValueBytes = 64;
    private const int OkBytes = 5;
    private const int BulkBytes = 5 + ValueBytes + 2;

    private static readonly string Write = $"SETEX {KeyMark} {SecondsToLive} {new string('v', ValueBytes)}";

    private readonly NativeBlock _block = NativeBlock.Allocate(BytesMax);
    private readonly int[] _starts = new int[Window + 1];
    private readonly int[] _keys = new int[Window];
    private readonly long[] _replyBytes = new long[Window + 1];

    private RequestBatch(params (string Command, int ReplyBytes)[] inTurn)
    {
        int at = 0;
        for (int i = 0; i < Window; i++)
        {
            (string command, int replyBytes) = inTurn[i % inTurn.Length];
            string[] words = command.Split(' ');
            at = Append(at, $"*{words.Length}\r\n");
            foreach (string word in words)
            {
                bool isKey = word == KeyMark;
                string text = isKey ? new string('0', KeySlice.KeyBytes) : word;
                at = Append(at, $"${text.Length}\r\n");
                if (isKey) _keys[i] = at;
                at = Append(at, $"{text}\r\n");
            }
            _starts[i + 1] = at;
            _replyBytes[i + 1] = _replyBytes[i] + replyBytes;
        }
    }

    /// <summary>Writes and reads in turn.</summary>
    public static RequestBatch Mixed() => new((Write, OkBytes), ($"GET {KeyMark}", BulkBytes));

    /// <summary>Writes alone: they make the keys that the others find.</summary>
    public static RequestBatch Writes() => new((Write, OkBytes));

    /// <summary>Reads that an asker may run for a shard whose loop sleeps.</summary>
    public static RequestBatch BriefReads() => new(($"GET {KeyMark}", BulkBytes));

    /// <summary>Reads of the same bytes by a command that counts as long: it wakes the other loop.</summary>
    public static RequestBatch LongReads() => new(($"GETRANGE {KeyMark} 0 -1", BulkBytes));

    /// <summary>Puts a key into one command of the window.</summary>
    public void SetKey(int command, ReadOnlySpan<byte> key) => key.CopyTo(_block.Bytes[_keys[command]..]);

    /// <summary>The requests of so many commands in a row.</summary>
    public ReadOnlySpan<byte> Bytes(int first, int count) => _block.Bytes[_starts[first].._starts[first + count]];

    /// <summary>Bytes of their replies, when all of them succeed and find their keys.</summary>
    public long ReplyBytes(int first, int count) => _replyBytes[first + count] - _replyBytes[first];

    public void Dispose() => _block.Release();

    private int Append(int at, string text) => at + Encoding.ASCII.GetBytes(text, _block.Bytes[at..]);
}
