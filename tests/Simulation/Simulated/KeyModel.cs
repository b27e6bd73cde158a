using System.Globalization;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// What commands do to a few keys, as plainly as it can be said: the oracle behind the search for a serial order. A
/// command that names other keys too has been cut to these before.
/// </summary>
internal sealed class KeyModel
{
    private const string Nil = "(nil)";
    private const string Ok = "OK";
    private const string NotAnInteger = "-ERR value is not an integer or out of range";
    private const string NoSuchKey = "-ERR no such key";

    private readonly Dictionary<string, int> _indexes = [];

    /// <summary>Keys as "database/name".</summary>
    public KeyModel(IEnumerable<string> keys)
    {
        foreach (string key in keys) _indexes.Add(key, _indexes.Count);
    }

    public Cell[] Empty => new Cell[_indexes.Count];

    /// <summary>
    /// The states that a command may leave behind, given its reply (null: it says nothing of these keys); none where the
    /// reply is impossible.
    /// </summary>
    public IEnumerable<Cell[]> After(Cell[] before, Command command, Reply? reply, TimeWindow window)
    {
        foreach (Cell[] cells in WithoutExpired(before, command, window))
        {
            if (command.Name == "PEXPIRETIME" && reply is not null && cells[At(command, 0)].Expires)
            {
                if (Narrows(ref cells[At(command, 0)], reply)) yield return cells;
                continue;
            }

            string expected = Run(cells, command, window);
            if (reply is null || reply.Text == expected) yield return cells;
        }
    }

    /// <summary>A copy of the state for each answer to the question which of the command's keys have expired by now.</summary>
    private List<Cell[]> WithoutExpired(Cell[] before, Command command, TimeWindow window)
    {
        List<Cell[]> variants = [[.. before]];
        for (int i = 0; i < command.Keys.Length; i++)
        {
            int at = At(command, i);
            for (int v = variants.Count - 1; v >= 0; v--)
            {
                Cell cell = variants[v][at];
                if (!cell.Expires || window.ToMs < cell.ExpiresFromMs) continue;
                bool mayLive = window.FromMs < cell.ExpiresToMs;
                if (mayLive)
                {
                    Cell[] dead = [.. variants[v]];
                    dead[at] = default;
                    variants.Add(dead);
                    variants[v][at] = cell with { ExpiresFromMs = Math.Max(cell.ExpiresFromMs, window.FromMs + 1) };
                }
                else
                {
                    variants[v][at] = default;
                }
            }
        }

        return variants;
    }

    private static bool Narrows(ref Cell cell, Reply reply)
    {
        if (reply.Type != ':' || reply.Integer < cell.ExpiresFromMs || reply.Integer > cell.ExpiresToMs) return false;
        cell = cell with { ExpiresFromMs = reply.Integer, ExpiresToMs = reply.Integer };
        return true;
    }

    private string Run(Cell[] cells, Command command, TimeWindow window)
    {
        ref Cell cell = ref cells[At(command, 0)];
        string[] args = command.Arguments;
        switch (command.Name)
        {
            case "GET": return cell.Value ?? Nil;
            case "STRLEN": return $":{cell.Value?.Length ?? 0}";
            case "PEXPIRETIME": return cell.Exists ? ":-1" : ":-2";
            case "SET": return Set(ref cell, args, window);
            case "SETNX": return cell.Exists ? ":0" : Put(ref cell, args[0], ":1");
            case "GETSET": return Put(ref cell, args[0], cell.Value ?? Nil);
            case "GETDEL": return Put(ref cell, null, cell.Value ?? Nil);
            case "APPEND":
                cell = cell with { Value = cell.Value + args[0] };
                return $":{cell.Value!.Length}";
            case "INCR": return Add(ref cell, 1);
            case "DECR": return Add(ref cell, -1);
            case "INCRBY": return Add(ref cell, Number(args[0]));
            case "DECRBY": return Add(ref cell, -Number(args[0]));
            case "EXPIRE": return Expire(ref cell, Number(args[0]) * 1000, window);
            case "PEXPIRE": return Expire(ref cell, Number(args[0]), window);
            case "PERSIST":
                bool didExpire = cell.Expires;
                cell = new Cell(cell.Value);
                return didExpire ? ":1" : ":0";
            case "MGET": return $"[{string.Join(", ", command.Keys.Select((_, i) => cells[At(command, i)].Value ?? Nil))}]";
            case "EXISTS": return $":{Existing(cells, command)}";
            default: return RunOnMany(cells, command);
        }
    }

    private string RunOnMany(Cell[] cells, Command command)
    {
        ref Cell cell = ref cells[At(command, 0)];
        switch (command.Name)
        {
            case "DEL" or "UNLINK":
                // A key that is named twice is deleted once.
                int existing = 0;
                for (int i = 0; i < command.Keys.Length; i++)
                {
                    if (cells[At(command, i)].Exists) existing++;
                    cells[At(command, i)] = default;
                }

                return $":{existing}";
            case "MSET":
                for (int i = 0; i < command.Keys.Length; i++) cells[At(command, i)] = new Cell(command.Arguments[i]);
                return Ok;
            case "MSETNX":
                if (Existing(cells, command) != 0) return ":0";
                for (int i = 0; i < command.Keys.Length; i++) cells[At(command, i)] = new Cell(command.Arguments[i]);
                return ":1";
            case "RENAME":
                if (!cell.Exists) return NoSuchKey;
                (cells[At(command, 1)], cell) = (cell, default);
                return Ok;
            case "RENAMENX":
                if (!cell.Exists) return NoSuchKey;
                if (cells[At(command, 1)].Exists) return ":0";
                (cells[At(command, 1)], cell) = (cell, default);
                return ":1";
            case "COPY":
                if (!cell.Exists || (cells[At(command, 1)].Exists && command.Arguments is not ["REPLACE"])) return ":0";
                cells[At(command, 1)] = cell;
                return ":1";
            default: throw new ArgumentException($"the model does not know {command.Name}");
        }
    }

    private static string Set(ref Cell cell, string[] args, TimeWindow window)
    {
        Cell before = cell;
        bool returnsOld = args.Contains("GET");
        string old = before.Value ?? Nil;
        if ((args.Contains("NX") && before.Exists) || (args.Contains("XX") && !before.Exists)) return returnsOld ? old : Nil;
        cell = args.Contains("KEEPTTL") ? before with { Value = args[0] } : new Cell(args[0]);
        int px = Array.IndexOf(args, "PX");
        if (px >= 0) _ = Expire(ref cell, Number(args[px + 1]), window);
        return returnsOld ? old : Ok;
    }

    private static string Put(ref Cell cell, string? value, string reply)
    {
        cell = new Cell(value);
        return reply;
    }

    private static string Add(ref Cell cell, long delta)
    {
        // Only a number's own spelling is one: "02" is text.
        string text = cell.Value ?? "0";
        bool isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        if (!isNumber || number.ToString(CultureInfo.InvariantCulture) != text) return NotAnInteger;
        cell = cell with { Value = (number + delta).ToString(CultureInfo.InvariantCulture) };
        return $":{number + delta}";
    }

    private static string Expire(ref Cell cell, long ms, TimeWindow window)
    {
        if (!cell.Exists) return ":0";
        cell = ms <= 0 ? default : new Cell(cell.Value, window.FromMs + ms, window.ToMs + ms);
        return ":1";
    }

    private int Existing(Cell[] cells, Command command) =>
        Enumerable.Range(0, command.Keys.Length).Count(i => cells[At(command, i)].Exists);

    private int At(Command command, int key) => _indexes[$"{command.Database}/{command.Keys[key]}"];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
