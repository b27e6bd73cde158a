using System.Numerics;
using System.Text;

namespace Anax.Tests.Fuzz.Models;

/// <summary>Strings, numbers in them and bits of them. A string of Latin-1 has a character for each byte.</summary>
internal sealed class StringFamily : ModelFamily
{
    private static readonly string[] Operations = ["AND", "OR", "XOR", "NOT"];

    public override string[] Limits() => ["maxmemory", "0"];

    public override string[][] Shows(string key) => [["GET", key], ["STRLEN", key]];

    protected override IEnumerable<ModelCommand> Commands() =>
    [
        new("SET", 8, Effect.Grows, () => [Key(), Text(), .. Maybe(4, () => [One("NX", "XX")]), .. Maybe(4, () => ["GET"]), .. Expiry("KEEPTTL")], Set),
        new("SETNX", 2, Effect.Grows, () => [Key(), Text()], a => Is(TryAdd(a[1], a[2]) ? 1 : 0)),
        new("PSETEX", 2, Effect.Grows, () => [Key(), $"{Random.Next(1, 3000)}", Text()], a => Put(a[1], a[3], Db.NowMs + Long(a[2]), Ok)),
        new("GET", 5, Effect.Reads, () => [Key()], a => Is(Db.Get<string>(a[1]) ?? Nil)),
        new("GETSET", 2, Effect.Changes, () => [Key(), Text()], a => Put(a[1], a[2], 0, Db.Get<string>(a[1]) ?? Nil)),
        new("GETDEL", 3, Effect.Shrinks, () => [Key()], GetDel),
        new("GETEX", 3, Effect.Changes, () => [Key(), .. Expiry("PERSIST")], GetEx),
        new("STRLEN", 2, Effect.Reads, () => [Key()], a => Is(Db.Get<string>(a[1])?.Length ?? 0)),
        new("APPEND", 6, Effect.Grows, () => [Key(), Text()], Append),
        new("GETRANGE", 3, Effect.Reads, () => [Key(), $"{Index()}", $"{Index()}"], GetRange),
        new("SETRANGE", 4, Effect.Grows, () => [Key(), $"{Random.Next(Random.Next(50) == 0 ? 20_000 : 60)}", Text()], SetRange),
        new("INCRBY", 4, Effect.Changes, () => [Key(), One("1", "-1", "100000", "9223372036854775807", "-9223372036854775807")], Increment),
        new("INCR", 4, Effect.Changes, () => [Key()], Increment),
        new("MSET", 4, Effect.Grows, PairsOfMany, a => SetMany(a, Ok)),
        new("MSETNX", 2, Effect.Grows, PairsOfMany, a => a.Skip(1).Where((_, i) => i % 2 == 0).Any(Db.Exists) ? Is(0) : SetMany(a, ":1")),
        new("MGET", 4, Effect.Reads, () => Some(1, 5, Key), a => Items(a.Skip(1).Select(key => Db.Find(key) as string ?? Nil))),
        new("SETBIT", 5, Effect.Grows, () => [Key(), $"{Random.Next(Random.Next(20) == 0 ? 5000 : 200)}", One("0", "1")], SetBit),
        new("GETBIT", 3, Effect.Reads, () => [Key(), $"{Random.Next(300)}"], a => Is(Bit(Db.Get<string>(a[1]) ?? "", Long(a[2])))),
        new("BITCOUNT", 3, Effect.Reads, () => [Key(), .. Maybe(2, () => [$"{Index()}", .. EndAndUnit()])], BitCount),
        new("BITPOS", 3, Effect.Reads, () => [Key(), One("0", "1"), .. Maybe(2, () => [$"{Index()}", .. Maybe(2, EndAndUnit)])], BitPos),
        new("BITOP", 3, Effect.Grows, () => Random.Next(4) is var o && o == 3 ? ["NOT", Key(), Key()] : [Operations[o], Key(), .. Some(1, 4, Key)], BitOp),
        new("BITFIELD", 4, Effect.Grows, BitFields, BitField),
    ];

    private int Index() => Random.Next(-70, 70);

    private string[] Expiry(string without) => Random.Next(4) switch
    {
        0 => ["PX", $"{Random.Next(1, 3000)}"],
        1 => [without],
        _ => [],
    };

    private string[] PairsOfMany() => [.. Enumerable.Range(0, Random.Next(1, 5)).SelectMany(_ => new[] { Key(), Text() })];

    private string[] EndAndUnit() => [$"{Index()}", One("BYTE", "BIT")];

    private string[] BitFields() => [Key(), .. Enumerable.Range(0, Random.Next(1, 4)).SelectMany(_ => OneBitField())];

    private string[] OneBitField()
    {
        string operation = One("GET", "SET", "INCRBY"), width = $"{One("u", "i")}{Random.Next(1, 63)}", at = $"{Random.Next(200)}";
        return operation == "GET" ? [operation, width, at] : [operation, width, at, $"{Random.NextInt64(-5000, 5000)}"];
    }

    private Answer Put(string key, string value, long expireAtMs, string reply)
    {
        Db.Set(key, value, expireAtMs);
        return Is(reply);
    }

    private Answer Set(string[] a)
    {
        bool gets = a.Contains("GET"), isNew = !Db.Exists(a[1]);
        string old = gets ? Db.Get<string>(a[1]) ?? Nil : Ok;
        string[] options = a[3..];
        if ((options.Contains("NX") && !isNew) || (options.Contains("XX") && isNew)) return Is(gets ? old : Nil);
        long expireAtMs = options.Contains("KEEPTTL") ? Db.ExpiryOf(a[1]) : options.Contains("PX") ? Db.NowMs + Long(a[^1]) : 0;
        return Put(a[1], a[2], expireAtMs, old);
    }

    private bool TryAdd(string key, string value)
    {
        if (Db.Exists(key)) return false;
        Db.Set(key, value);
        return true;
    }

    private Answer GetDel(string[] a)
    {
        string? value = Db.Get<string>(a[1]);
        Db.Delete(a[1]);
        return Is(value ?? Nil);
    }

    private Answer GetEx(string[] a)
    {
        string? value = Db.Get<string>(a[1]);
        if (value is not null && a.Length > 2) Db.Expire(a[1], a[2] == "PX" ? Db.NowMs + Long(a[3]) : 0);
        return Is(value ?? Nil);
    }

    private Answer Append(string[] a)
    {
        string value = Db.Get<string>(a[1]) + a[2];
        Db.Replace(a[1], value);
        return Is(value.Length);
    }

    private Answer GetRange(string[] a)
    {
        string value = Db.Get<string>(a[1]) ?? "";
        (int from, int to) = Places(a[2], a[3], value.Length, isOrdered: true);
        return Is(value[from..(to + 1)]);
    }

    private Answer SetRange(string[] a)
    {
        string value = Db.Get<string>(a[1]) ?? "";
        if (a[3].Length == 0) return Is(value.Length);
        int at = (int)Long(a[2]);
        string padded = value.PadRight(at, '\0');
        value = padded[..at] + a[3] + (at + a[3].Length < padded.Length ? padded[(at + a[3].Length)..] : "");
        Db.Replace(a[1], value);
        return Is(value.Length);
    }

    private Answer Increment(string[] a)
    {
        if (!IsInteger(Db.Get<string>(a[1]) ?? "0", out long number)) return Is(NotAnInteger);
        BigInteger sum = number + (BigInteger)(a.Length > 2 ? Long(a[2]) : 1);
        if (sum < long.MinValue || sum > long.MaxValue) return Is("-ERR increment or decrement would overflow");
        Db.Replace(a[1], $"{sum}");
        return Is((long)sum);
    }

    private Answer SetMany(string[] a, string reply)
    {
        for (int i = 1; i < a.Length; i += 2) Db.Set(a[i], a[i + 1]);
        return Is(reply);
    }

    // ---- bits ----

    private static int Bit(string value, long at) => at / 8 < value.Length ? (value[(int)(at / 8)] >> (int)(7 - at % 8)) & 1 : 0;

    private static void SetBit(StringBuilder value, long at, int bit)
    {
        int index = (int)(at / 8), mask = 1 << (int)(7 - at % 8);
        if (index >= value.Length) value.Append('\0', index + 1 - value.Length);
        value[index] = (char)(bit == 0 ? value[index] & ~mask : value[index] | mask);
    }

    private Answer SetBit(string[] a)
    {
        string before = Db.Get<string>(a[1]) ?? "";
        var value = new StringBuilder(before);
        SetBit(value, Long(a[2]), (int)Long(a[3]));
        Db.Replace(a[1], value.ToString());
        return Is(Bit(before, Long(a[2])));
    }

    private Answer BitCount(string[] a)
    {
        string value = Db.Get<string>(a[1]) ?? "";
        (int from, int to) = a.Length < 4 ? (0, value.Length * 8 - 1) : Bits(value, a[2], a[3], a.Length > 4 ? a[4] : "BYTE", isOrdered: true);
        int count = 0;
        for (int i = from; i <= to; i++) count += Bit(value, i);
        return Is(count);
    }

    /// <summary>
    /// As strings take a range: an end before the first byte is the first byte, unless both ends count from the last and are in the
    /// wrong order, where that is looked at.
    /// </summary>
    private static (int From, int To) Places(string from, string to, int count, bool isOrdered)
    {
        if (isOrdered && Long(to) < 0 && Long(from) < 0 && Long(from) > Long(to)) return (0, -1);
        return Range(from, Long(to) < -count ? "0" : to, count);
    }

    private static (int From, int To) Bits(string value, string from, string to, string unit, bool isOrdered)
    {
        (int first, int last) = Places(from, to, unit == "BIT" ? value.Length * 8 : value.Length, isOrdered);
        return unit == "BIT" || last < first ? (first, last) : (first * 8, last * 8 + 7);
    }

    private Answer BitPos(string[] a)
    {
        int bit = (int)Long(a[2]);
        if (Db.Get<string>(a[1]) is not { } value) return Is(bit == 1 ? -1 : 0);
        bool hasEnd = a.Length > 4;
        (int from, int to) = Bits(value, a.Length > 3 ? a[3] : "0", hasEnd ? a[4] : "-1", hasEnd ? a[5] : "BYTE", isOrdered: false);
        for (int i = from; i <= to; i++)
            if (Bit(value, i) == bit) return Is(i);
        return Is(bit == 0 && !hasEnd && from <= to ? value.Length * 8 : -1);
    }

    private Answer BitOp(string[] a)
    {
        string[] sources = [.. a.Skip(3).Select(key => Db.Get<string>(key) ?? "")];
        var result = new char[sources.Max(s => s.Length)];
        for (int i = 0; i < result.Length; i++)
        {
            int[] bytes = [.. sources.Select(s => i < s.Length ? s[i] : '\0')];
            result[i] = (char)(a[1] switch
            {
                "AND" => bytes.Aggregate((x, y) => x & y),
                "OR" => bytes.Aggregate((x, y) => x | y),
                "XOR" => bytes.Aggregate((x, y) => x ^ y),
                _ => ~bytes[0] & 0xFF,
            });
        }
        if (result.Length == 0) Db.Delete(a[2]);
        else Db.Set(a[2], new string(result));
        return Is(result.Length);
    }

    private Answer BitField(string[] a)
    {
        string before = Db.Get<string>(a[1]) ?? "";
        var value = new StringBuilder(before);
        var replies = new List<string>();
        bool writes = false;
        for (int i = 2; i < a.Length;)
        {
            (string operation, bool isSigned, int width, long at) = (a[i], a[i + 1][0] == 'i', (int)Long(a[i + 1][1..]), Long(a[i + 2]));
            long old = Read(value, isSigned, width, at);
            i += 3;
            if (operation == "GET")
            {
                replies.Add(Number(old));
                continue;
            }
            writes = true;
            BigInteger next = operation == "SET" ? Long(a[i]) : old + (BigInteger)Long(a[i]);
            i++;
            for (int bit = 0; bit < width; bit++) SetBit(value, at + bit, (int)((next >> (width - 1 - bit)) & 1));
            replies.Add(Number(operation == "SET" ? old : Read(value, isSigned, width, at)));
        }
        if (writes) Db.Replace(a[1], value.ToString());
        return Items(replies);
    }

    private static long Read(StringBuilder value, bool isSigned, int width, long at)
    {
        string text = value.ToString();
        long number = isSigned && Bit(text, at) == 1 ? -1 : 0;
        for (int bit = 0; bit < width; bit++) number = (number << 1) | (uint)Bit(text, at + bit);
        return number;
    }
}
