using System.Buffers;
using System.Globalization;
using System.Text;
using Anax.Bench.HeadToHead.Plan;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Writes collections of random bytes over a connection, a batch of commands at a time; throws what
/// <see cref="RespConnection"/> throws, also where a command is refused.
/// </summary>
internal sealed class CollectionWriter(RespConnection connection, Random random, CancellationToken stop)
{
    /// <summary>Of the elements of a large collection: members, fields and scored members, values of hashes, elements of lists.</summary>
    public const int MemberBytes = 16, LargeValueBytes = 32;

    /// <summary>A stream's entry is three fields of two bytes, f0 to f2, with values of eight.</summary>
    public const int EntryFields = 3, EntryValueBytes = 8;

    /// <summary>Of the members, fields and values of small collections, whose scores are below a hundred.</summary>
    public const int SmallBytes = 8;

    private const int SmallScores = 100;
    private const int BatchBytes = 64 << 10;

    private readonly ArrayBufferWriter<byte> _batch = new(2 * BatchBytes);
    private int _commands;

    /// <summary>Adds elements to one collection, so many with each command.</summary>
    public void AddElements(Collection type, string key, long count, int each = 1)
    {
        // An entry of a stream has a command for itself.
        if (type == Collection.Stream) each = 1;
        byte[] name = Encoding.ASCII.GetBytes(key);
        for (long left = count; left > 0; left -= each)
        {
            int elements = (int)Math.Min(each, left);
            Begin(type, name, elements);
            for (int i = 0; i < elements; i++) AddElement(type);
            End();
        }

        Flush();
    }

    /// <summary>Makes collections of so many elements, whose keys are of ten bytes and follow each other from a number on.</summary>
    public void AddSmall(Collection type, long first, long count, int elements)
    {
        Span<byte> name = stackalloc byte[10];
        for (long number = first; number < first + count; number++)
        {
            name[0] = (byte)'k';
            number.TryFormat(name[1..], out _, "D9", CultureInfo.InvariantCulture);
            Begin(type, name, elements);
            for (int i = 0; i < elements; i++)
            {
                if (type == Collection.SortedSet) AddNumber(random.Next(SmallScores));
                if (type == Collection.Hash) AddField(i);
                AddRandom(SmallBytes);
            }

            End();
        }

        Flush();
    }

    /// <summary>How many elements there are by the server's account.</summary>
    public static string[] CountWords(Collection type, string key) => type switch
    {
        Collection.Set => ["SCARD", key],
        Collection.Hash => ["HLEN", key],
        Collection.SortedSet => ["ZCARD", key],
        Collection.List => ["LLEN", key],
        Collection.Stream => ["XLEN", key],
    };

    private void Begin(Collection type, ReadOnlySpan<byte> key, int elements)
    {
        (string command, int wordsEach) = type switch
        {
            Collection.Set => ("SADD", 1),
            Collection.Hash => ("HSET", 2),
            Collection.SortedSet => ("ZADD", 2),
            Collection.List => ("RPUSH", 1),
            Collection.Stream => ("XADD", 1 + 2 * EntryFields),
        };
        AddHeader('*', 2 + wordsEach * elements);
        AddHeader('$', command.Length);
        AddText(command);
        AddText("\r\n");
        AddWord(key);
    }

    private void AddElement(Collection type)
    {
        switch (type)
        {
            case Collection.Hash:
                AddRandom(MemberBytes);
                AddRandom(LargeValueBytes);
                break;
            case Collection.SortedSet:
                AddNumber(random.NextDouble());
                AddRandom(MemberBytes);
                break;
            case Collection.List:
                AddRandom(LargeValueBytes);
                break;
            case Collection.Stream:
                AddWord("*"u8);
                for (int i = 0; i < EntryFields; i++)
                {
                    AddField(i);
                    AddRandom(EntryValueBytes);
                }

                break;
            default:
                AddRandom(MemberBytes);
                break;
        }
    }

    private void End()
    {
        _commands++;
        if (_batch.WrittenCount >= BatchBytes) Flush();
    }

    private void Flush()
    {
        stop.ThrowIfCancellationRequested();
        connection.Send(_batch.WrittenSpan);
        _batch.ResetWrittenCount();
        for (; _commands > 0; _commands--) connection.SkipReply();
    }

    private void AddRandom(int bytes)
    {
        AddHeader('$', bytes);
        random.NextBytes(_batch.GetSpan(bytes)[..bytes]);
        _batch.Advance(bytes);
        AddText("\r\n");
    }

    /// <summary>f0 to f9.</summary>
    private void AddField(int number) => AddWord([(byte)'f', (byte)('0' + number)]);

    private void AddNumber(double number)
    {
        Span<byte> digits = stackalloc byte[32];
        number.TryFormat(digits, out int length, "R", CultureInfo.InvariantCulture);
        AddWord(digits[..length]);
    }

    private void AddWord(ReadOnlySpan<byte> word)
    {
        AddHeader('$', word.Length);
        _batch.Write(word);
        AddText("\r\n");
    }

    private void AddHeader(char type, int number)
    {
        Span<byte> line = _batch.GetSpan(16);
        line[0] = (byte)type;
        number.TryFormat(line[1..], out int digits, default, CultureInfo.InvariantCulture);
        _batch.Advance(1 + digits);
        AddText("\r\n");
    }

    private void AddText(string text) => _batch.Advance(Encoding.ASCII.GetBytes(text, _batch.GetSpan(text.Length)));
}
