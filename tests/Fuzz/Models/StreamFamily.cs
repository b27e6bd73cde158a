namespace Anax.Tests.Fuzz.Models;

/// <summary>Streams with small nodes, their groups of consumers, and what is pending. Idle times are exact, since the clock stands.</summary>
internal sealed class StreamFamily : ModelFamily
{
    public override string[] Limits() => ["stream-node-max-entries", One("2", "5", "100"), "stream-node-max-bytes", One("60", "300", "4096")];

    public override string[][] Shows(string key) =>
    [
        ["XRANGE", key, "-", "+"], ["XLEN", key],
        .. (Get(key)?.Groups.Keys ?? Enumerable.Empty<string>()).Select(group => (string[])["XPENDING", key, group, "-", "+", "1000"]),
    ];

    protected override IEnumerable<ModelCommand> Commands() =>
    [
        new("XADD", 16, Effect.Grows, Added, Add),
        new("XLEN", 2, Effect.Reads, () => [Key()], a => Is(Get(a[1])?.Entries.Count ?? 0)),
        new("XRANGE", 4, Effect.Reads, () => [Key(), End("-"), End("+"), .. Limit()], a => Shown(Between(a[1], a[2], a[3]), a)),
        new("XREVRANGE", 3, Effect.Reads, () => [Key(), End("+"), End("-"), .. Limit()], a => Shown(Between(a[1], a[3], a[2]).Reverse(), a)),
        new("XDEL", 4, Effect.Shrinks, () => [Key(), .. Some(1, 4, Near)], a => Is(a.Skip(2).Count(id => Get(a[1])?.Entries.Remove(Parse(id)) ?? false))),
        new("XTRIM", 3, Effect.Shrinks, () => [Key(), .. Random.Next(2) == 0 ? ["MAXLEN", $"{Random.Next(30)}"] : new[] { "MINID", Near() }], Trim),
        new("XREAD", 3, Effect.Reads, () => ["COUNT", $"{Random.Next(1, 9)}", "STREAMS", Key(), Near()], Read),
        new("XGROUP", 6, Effect.Changes, Groups, Group),
        new("XREADGROUP", 8, Effect.Changes, Given, ReadGroup),
        new("XACK", 4, Effect.Shrinks, () => [Key(), GroupName(), .. Some(1, 5, Near)],
            a => Is(a.Skip(3).Count(id => Get(a[1])?.Groups.GetValueOrDefault(a[2])?.Pending.Remove(Parse(id)) ?? false))),
        new("XPENDING", 3, Effect.Reads, Asked, Pending),
        new("XCLAIM", 4, Effect.Changes, Claimed, Claim),
    ];

    private string[] Added() =>
        [Key(), .. Maybe(6, () => ["NOMKSTREAM"]), .. Maybe(6, () => ["MAXLEN", "=", $"{Random.Next(60)}"]), Id(), .. Fields()];

    private string[] Given() =>
        ["GROUP", GroupName(), Consumer(), "COUNT", $"{Random.Next(1, 9)}", .. Maybe(5, () => ["NOACK"]), "STREAMS", Key(), One(">", ">", "0", Near())];

    private string[] Asked() =>
        [Key(), GroupName(), .. Maybe(2, () => ["IDLE", $"{Random.Next(3000)}"]), "-", "+", $"{Random.Next(1, 12)}", .. Maybe(3, () => [Consumer()])];

    private string[] Claimed() =>
        [Key(), GroupName(), Consumer(), $"{Random.Next(2000)}", .. Some(1, 4, Near), .. Maybe(3, () => ["FORCE"]), .. Maybe(2, () => ["JUSTID"])];

    private string GroupName() => $"g{Random.Next(2)}";

    private string Consumer() => $"c{Random.Next(3)}";

    private string[] Fields() => [.. Enumerable.Range(0, Random.Next(1, 4)).SelectMany(i => new[] { Random.Next(4) == 0 ? Text() : $"f{i}", Text() })];

    private string[] Limit() => Maybe(2, () => ["COUNT", $"{Random.Next(1, 12)}"]);

    /// <summary>An id to add: of the clock, or a number that may be too small.</summary>
    private string Id() => Random.Next(8) switch
    {
        0 => Near(),
        1 => $"{Random.Next(1, 12)}-*",
        2 => $"{1_800_000_000_000 + Random.Next(100)}-*",
        _ => "*",
    };

    /// <summary>An id about where entries are: now and then one that is there.</summary>
    private string Near()
    {
        string[] keys = [.. Db.Names];
        if (keys.Length == 0 || Random.Next(6) == 0) return $"{Random.Next(1, 20)}-{Random.Next(3)}";
        if (Db.Find(keys[Random.Next(keys.Length)]) is not ModelStream { Entries.Count: > 0 } stream) return "7-1";
        return stream.Entries.Keys.ElementAt(Random.Next(stream.Entries.Count)).ToString();
    }

    private string End(string otherwise) => Random.Next(3) == 0 ? otherwise : Near();

    private string[] Groups() => Random.Next(6) switch
    {
        0 => ["DESTROY", Key(), GroupName()],
        1 => ["SETID", Key(), GroupName(), One("0", "$", Near())],
        2 => ["DELCONSUMER", Key(), GroupName(), Consumer()],
        _ => ["CREATE", Key(), GroupName(), One("0", "$"), .. Maybe(3, () => ["MKSTREAM"])],
    };

    private ModelStream? Get(string key) => Db.Get<ModelStream>(key);

    private static ModelId Parse(string text) => text switch
    {
        "-" => ModelId.Least,
        "+" => ModelId.Greatest,
        "0" => new(0, 0),
        _ => new(Long(text.Split('-')[0]), Long(text.Split('-')[1])),
    };

    private static string Show(ModelId id, string[]? fields) => fields is null ? $"[{id}, (nil)]" : $"[{id}, [{string.Join(", ", fields)}]]";

    private IEnumerable<KeyValuePair<ModelId, string[]>> Between(string key, string from, string to) =>
        Get(key)?.Entries.Where(e => e.Key.CompareTo(Parse(from)) >= 0 && e.Key.CompareTo(Parse(to)) <= 0) ?? [];

    private static Answer Shown(IEnumerable<KeyValuePair<ModelId, string[]>> entries, string[] a) =>
        Items(entries.Take(a.Length > 4 ? (int)Long(a[5]) : int.MaxValue).Select(e => Show(e.Key, e.Value)));

    private Answer Add(string[] a)
    {
        int at = 2, keep = int.MaxValue;
        bool makes = a[at] != "NOMKSTREAM";
        if (!makes) at++;
        if (a[at] == "MAXLEN")
        {
            keep = (int)Long(a[at + 2]);
            at += 3;
        }
        if (Get(a[1]) is null && !makes) return Is(Nil);
        ModelId last = Get(a[1])?.Last ?? default, id;
        if (a[at] == "*") id = Db.NowMs > last.Ms ? new(Db.NowMs, 0) : last with { Number = last.Number + 1 };
        else if (!a[at].EndsWith("-*", StringComparison.Ordinal)) id = Parse(a[at]);
        else if (Long(a[at][..^2]) is var ms && ms > last.Ms) id = new(ms, 0);
        else id = ms == last.Ms ? last with { Number = last.Number + 1 } : default;
        if (id.CompareTo(last) <= 0) return Is("-ERR The ID specified in XADD is equal or smaller than the target stream top item");
        ModelStream stream = Db.GetOrAdd(a[1], () => new ModelStream());
        stream.Entries.Add(id, a[(at + 1)..]);
        stream.Last = id;
        Cut(stream, keep);
        return Is(id.ToString());
    }

    private static int Cut(ModelStream stream, int keep)
    {
        List<ModelId> gone = [.. stream.Entries.Keys.Take(Math.Max(0, stream.Entries.Count - keep))];
        foreach (ModelId id in gone) stream.Entries.Remove(id);
        return gone.Count;
    }

    private Answer Trim(string[] a)
    {
        if (Get(a[1]) is not { } stream) return Is(0);
        int keep = a[2] == "MAXLEN" ? (int)Long(a[3]) : stream.Entries.Keys.Count(id => id.CompareTo(Parse(a[3])) >= 0);
        return Is(Cut(stream, keep));
    }

    private Answer Read(string[] a)
    {
        if (Get(a[4]) is not { } stream) return Is(Nil);
        string[] found = [.. stream.Entries.Where(e => e.Key.CompareTo(Parse(a[5])) > 0).Take((int)Long(a[2])).Select(e => Show(e.Key, e.Value))];
        return found.Length == 0 ? Is(Nil) : Is($"[[{a[4]}, [{string.Join(", ", found)}]]]");
    }

    private Answer Group(string[] a)
    {
        (string key, string name) = (a[2], a[3]);
        ModelStream? stream = Get(key);
        if (stream is null)
        {
            if (a[^1] != "MKSTREAM")
            {
                return Is("-ERR The XGROUP subcommand requires the key to exist. "
                    + "Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.");
            }
            stream = Db.GetOrAdd(key, () => new ModelStream());
        }
        ModelId At() => a[4] == "$" ? stream.Last : Parse(a[4]);
        if (a[1] == "CREATE")
        {
            if (stream.Groups.ContainsKey(name)) return Is("-BUSYGROUP Consumer Group name already exists");
            stream.Groups.Add(name, new ModelGroup { Last = At() });
            return Is(Ok);
        }
        if (!stream.Groups.TryGetValue(name, out ModelGroup? group))
            return Is(a[1] == "DESTROY" ? ":0" : $"-NOGROUP No such consumer group '{name}' for key name '{key}'");
        switch (a[1])
        {
            case "DESTROY":
                stream.Groups.Remove(name);
                return Is(1);
            case "SETID":
                group.Last = At();
                return Is(Ok);
            default:
                List<ModelId> own = [.. group.Pending.Where(p => p.Value.Consumer == a[4]).Select(p => p.Key)];
                foreach (ModelId id in own) group.Pending.Remove(id);
                return Is(own.Count);
        }
    }

    private Answer ReadGroup(string[] a)
    {
        (string name, string consumer, int count, bool keeps, string key, string after) = (a[2], a[3], (int)Long(a[5]), !a.Contains("NOACK"), a[^2], a[^1]);
        if (Get(key)?.Groups.GetValueOrDefault(name) is not { } group)
            return Is($"-NOGROUP No such key '{key}' or consumer group '{name}' in XREADGROUP with GROUP option");
        ModelStream stream = Get(key)!;
        if (after != ">")
        {
            List<ModelId> own = [.. group.Pending.Where(p => p.Value.Consumer == consumer && p.Key.CompareTo(Parse(after)) > 0).Take(count).Select(p => p.Key)];
            foreach (ModelId id in own)
                if (stream.Entries.ContainsKey(id)) group.Pending[id] = group.Pending[id] with { GivenMs = Db.NowMs, Times = group.Pending[id].Times + 1 };
            return Is($"[[{key}, [{string.Join(", ", own.Select(id => Show(id, stream.Entries.GetValueOrDefault(id))))}]]]");
        }
        List<KeyValuePair<ModelId, string[]>> news = [.. stream.Entries.Where(e => e.Key.CompareTo(group.Last) > 0).Take(count)];
        foreach ((ModelId id, _) in news)
        {
            group.Last = id;
            if (keeps) group.Pending[id] = new ModelPending(consumer, Db.NowMs, 1);
        }
        return Is(news.Count == 0 ? Nil : $"[[{key}, [{string.Join(", ", news.Select(e => Show(e.Key, e.Value)))}]]]");
    }

    private Answer Pending(string[] a)
    {
        if (Get(a[1])?.Groups.GetValueOrDefault(a[2]) is not { } group) return Is($"-NOGROUP No such key '{a[1]}' or consumer group '{a[2]}'");
        bool hasIdle = a[3] == "IDLE";
        string[] rest = hasIdle ? a[5..] : a[3..];
        return Items(group.Pending
            .Where(p => (!hasIdle || Db.NowMs - p.Value.GivenMs >= Long(a[4])) && (rest.Length < 4 || p.Value.Consumer == rest[3]))
            .Take((int)Long(rest[2]))
            .Select(p => $"[{p.Key}, {p.Value.Consumer}, {Number(Db.NowMs - p.Value.GivenMs)}, {Number(p.Value.Times)}]"));
    }

    private Answer Claim(string[] a)
    {
        if (Get(a[1])?.Groups.GetValueOrDefault(a[2]) is not { } group) return Is($"-NOGROUP No such key '{a[1]}' or consumer group '{a[2]}'");
        ModelStream stream = Get(a[1])!;
        bool forces = a.Contains("FORCE"), onlyIds = a.Contains("JUSTID");
        var claimed = new List<string>();
        foreach (string word in a[5..].Where(w => w is not ("FORCE" or "JUSTID")))
        {
            ModelId id = Parse(word);
            bool isPending = group.Pending.TryGetValue(id, out ModelPending? pending);
            if (!stream.Entries.TryGetValue(id, out string[]? fields))
            {
                // What was deleted is claimed by nobody, and is pending no longer.
                group.Pending.Remove(id);
                continue;
            }
            if (!isPending && !forces) continue;
            if (isPending && Db.NowMs - pending!.GivenMs < Long(a[4])) continue;
            int times = isPending ? pending!.Times : 1;
            group.Pending[id] = new ModelPending(a[3], Db.NowMs, onlyIds ? times : times + 1);
            claimed.Add(onlyIds ? id.ToString() : Show(id, fields));
        }
        return Items(claimed);
    }
}
