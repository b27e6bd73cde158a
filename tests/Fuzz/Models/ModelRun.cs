using System.Globalization;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Fuzz.Models;

/// <summary>
/// A family of commands against its naive model: random pipelines on a few keys, each reply compared, the clock moved by hand. A
/// round ends with a look at all that is there, again after DUMP and RESTORE of each value, and with FLUSHALL, after which
/// the memory must be what it was.
/// </summary>
internal sealed class ModelRun : IDisposable
{
    private const int BatchMax = 40, MoodLength = 600, SweepMsMax = 30_000, EmptyMsMax = 5000, EmptyBytesMax = 1024;

    /// <summary>Every family, by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<ModelFamily>> Families = new Dictionary<string, Func<ModelFamily>>
    {
        ["strings"] = () => new StringFamily(),
        ["lists"] = () => new ListFamily(),
        ["hashes"] = () => new HashFamily(),
        ["sets"] = () => new SetFamily(),
        ["sorted sets"] = () => new SortedSetFamily(),
        ["streams"] = () => new StreamFamily(),
    };

    private readonly string _name;
    private readonly int _shards;
    private readonly ModelServer _server;
    private readonly ModelFamily _family;
    private readonly ModelCommand[] _commands;
    private readonly Queue<string> _story = new();

    /// <summary>What an emptied keyspace takes, known from the end of the first round on.</summary>
    private long _emptyBytes = -1;

    private Random _random = new(0);

    public ModelRun(string name, int shards)
    {
        (_name, _shards) = (name, shards);
        _server = new ModelServer(1, shards);
        _family = Families[name]();
        _commands = _family.All();
    }

    /// <summary>So many operations from a seed, and all the comparisons at their end.</summary>
    public void Round(int seed, int operations)
    {
        _random = new Random(seed);
        _family.Draw(_random);
        _story.Clear();
        try
        {
            string[] limits = _family.Limits();
            if (_server.Run(["CONFIG", "SET", .. limits]) != "OK") throw new InvalidOperationException($"CONFIG SET {string.Join(' ', limits)}");
            Effect mood = Effect.Grows;
            for (int done = 0, moodEnd = 0; done < operations;)
            {
                if (done >= moodEnd)
                {
                    mood = (Effect)_random.Next(4);
                    moodEnd = done + _random.Next(MoodLength);
                }
                if (_random.Next(8) == 0) MoveClock();
                done += Batch(mood);
            }
            Sweep();
            ShowAll();
            foreach (string key in _family.Keyspace.Names) Reload(key);
            ShowAll();
            Empty();
        }
        catch (Exception e)
        {
            throw new InvalidDataException($"{_name} on {_shards} shards, seed {seed}, {operations} operations: {e.Message}\n{string.Join('\n', _story)}", e);
        }
    }

    public void Dispose() => _server.Dispose();

    private int Batch(Effect mood)
    {
        CatchUp();
        bool hasGhosts = Ghosts().Any();
        var commands = new List<ModelCommand>();
        var words = new List<string[]>();
        for (int count = _random.Next(1, BatchMax); count > 0; count--)
        {
            ModelCommand command = Choose(mood, hasGhosts);
            commands.Add(command);
            words.Add([command.Name, .. command.Arguments()]);
        }
        Compare(commands, words);
        if (hasGhosts) Sweep();
        return commands.Count;
    }

    /// <summary>
    /// By weight, twice as likely what fits the mood. Members that have expired may or may not be there still, so where there are
    /// some, only what reads or adds comes, which cannot tell.
    /// </summary>
    private ModelCommand Choose(Effect mood, bool hasGhosts)
    {
        while (true)
        {
            ModelCommand command = _commands[_random.Next(_commands.Length)];
            if (hasGhosts && command.Effect is not (Effect.Reads or Effect.Grows)) continue;
            int weight = command.Effect == mood ? command.Weight * 3 : command.Weight;
            if (_random.Next(24) < weight) return command;
        }
    }

    private void Compare(List<ModelCommand> commands, List<string[]> words)
    {
        long nowMs = _family.Keyspace.NowMs;
        List<Reply> replies = _server.Ask(words);
        if (_server.NowMs != nowMs) throw new InvalidOperationException("the clock moved within a pipeline");
        for (int i = 0; i < words.Count; i++)
        {
            Answer answer;
            try
            {
                answer = commands[i].Run(words[i]);
            }
            catch (Refusal refusal)
            {
                answer = reply => reply.Text == refusal.Message ? null : refusal.Message;
            }
            string? expected = answer(replies[i]);
            Tell($"{nowMs % 1_000_000} {Short(string.Join(' ', words[i]))} -> {Short(replies[i].Text)}");
            if (expected is null) continue;
            throw new InvalidDataException($"expected {Short(expected)}, got {Short(replies[i].Text)} for {Short(string.Join(' ', words[i]))}");
        }
    }

    private void MoveClock()
    {
        int ms = _random.Next(3) == 0 ? _random.Next(1, 4) : _random.Next(1, 1500);
        _server.RunForMs(ms);
        Tell($"{ms} ms go by");
    }

    /// <summary>The model's clock is the server's. A value all of whose members have expired may be there or not: it must be gone soon.</summary>
    private void CatchUp()
    {
        while (true)
        {
            _server.Settle();
            _family.Keyspace.NowMs = _server.NowMs;
            if (Ghosts().FirstOrDefault(key => !((Members)_family.Keyspace.Find(key)!).Live(_server.NowMs).Any()) is not { } gone) return;
            Await(() => _server.Run("EXISTS", gone) == ":0", $"{gone}, whose members have expired, is still there");
            _family.Keyspace.Delete(gone);
        }
    }

    /// <summary>Waits until members that have expired are counted no longer.</summary>
    private void Sweep()
    {
        for (List<string> ghosts = [.. Ghosts()]; ghosts.Count != 0; ghosts = [.. Ghosts()])
        {
            foreach (string key in ghosts)
            {
                // Time goes by meanwhile, and the key itself may expire.
                Await(() => Count(key) is var (live, counted) && live == counted, $"expired members of {key} are still counted");
                if (_family.Keyspace.Find(key) is not Members members) continue;
                foreach ((string name, Member member) in members.ToList())
                    if (member.ExpireAtMs != 0 && member.ExpireAtMs <= _family.Keyspace.NowMs) members.Remove(name);
                if (members.Count == 0) _family.Keyspace.Delete(key);
            }
        }
    }

    private (int Live, int Counted) Count(string key)
    {
        string counted = _server.Run(_family is HashFamily ? "HLEN" : "SCARD", key);
        _family.Keyspace.NowMs = _server.NowMs;
        int live = _family.Keyspace.Find(key) is Members members ? members.Live(_server.NowMs).Count() : 0;
        return (live, int.Parse(counted.AsSpan(1), CultureInfo.InvariantCulture));
    }

    private void Await(Func<bool> holds, string complaint)
    {
        for (int ms = 0; !holds(); ms += 50)
        {
            if (ms > SweepMsMax) throw new TimeoutException(complaint);
            _server.RunForMs(50);
        }
        _family.Keyspace.NowMs = _server.NowMs;
    }

    private IEnumerable<string> Ghosts() => _family.Keyspace.Names.Where(key =>
        _family.Keyspace.Find(key) is Members members && members.Values.Any(m => m.ExpireAtMs != 0 && m.ExpireAtMs <= _family.Keyspace.NowMs));

    private void ShowAll()
    {
        foreach (string key in _family.Keyspace.Names)
        {
            CatchUp();
            bool isForeign = _family.Keyspace.Find(key) is string && _family is not StringFamily;
            string[][] shows = [["TYPE", key], ["PEXPIRETIME", key], .. isForeign ? [] : _family.Shows(key)];
            Compare([.. shows.Select(words => _commands.First(c => c.Name == words[0]))], [.. shows]);
        }
        CatchUp();
        int expected = _family.Keyspace.Names.Count();
        int actual = _server.Ask([["KEYS", "*"]])[0].Items.Count;
        if (actual != expected) throw new InvalidDataException($"{actual} keys instead of {expected}");
    }

    /// <summary>Writes a value to bytes, and reads it from them.</summary>
    private void Reload(string key)
    {
        _server.Settle();
        List<Reply> replies = _server.Ask([["DUMP", key], ["PEXPIRETIME", key]]);
        if (replies[0].IsNull) return;
        string at = replies[1].Integer < 0 ? "0" : $"{replies[1].Integer}";
        if (_server.Run("RESTORE", key, at, replies[0].Text, "REPLACE", "ABSTTL") is var restored and not "OK")
            throw new InvalidDataException($"RESTORE of {key}: {restored}");
    }

    private void Empty()
    {
        _server.Run("FLUSHALL");
        _family.Keyspace.Clear();
        if (_emptyBytes < 0)
        {
            _server.RunForMs(EmptyMsMax);
            _emptyBytes = _server.UsedBytes;
            if (_emptyBytes > EmptyBytesMax * _shards) throw new InvalidDataException($"{_emptyBytes} bytes after FLUSHALL");
        }
        Await(() => _server.UsedBytes == _emptyBytes, $"{_server.UsedBytes} bytes after FLUSHALL instead of {_emptyBytes}");
    }

    private void Tell(string what)
    {
        if (_story.Count == 2 * BatchMax) _story.Dequeue();
        _story.Enqueue(what);
    }

    private static string Short(string text) => text.Length <= 300 ? text : $"{text[..300]}… ({text.Length})";
}
