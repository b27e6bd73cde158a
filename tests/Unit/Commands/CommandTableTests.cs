using System.Text;
using Anax.Commands;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Server;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>Every row's COMMAND INFO and COMMAND DOCS against what Valkey 9.1 says of the same command.</summary>
public class CommandTableTests
{
    /// <summary>Where we differ on purpose: the command, the line that differs, and why.</summary>
    private static readonly (string Command, string Line, string Reason)[] Differences = [];

    /// <summary>Commands of Dragonfly, Garnet and Redis, which Valkey has not.</summary>
    private static readonly HashSet<string> Foreign =
    [
        "cl.throttle", "delex", "digest", "expdelscan", "fieldexpire", "fieldttl", "hcollect", "prepend", "rm", "saddex", "stick",
        "zcollect", "zexpire", "zexpireat", "zexpiretime", "zpersist", "zpexpire", "zpexpireat", "zpexpiretime", "zpttl", "zttl",
    ];

    /// <summary>Containers whose subcommands are not all there yet; the count of the others is compared.</summary>
    private static readonly HashSet<string> Unfinished = ["acl", "client"];

    [Fact]
    public void RowsSayWhatValkeySays()
    {
        Dictionary<string, string[]> valkey = ReadSnapshot();
        using var server = new TestServer();
        var ours = new Dictionary<string, string[]>();
        TestClient client = server.Connect(version: RespVersion.Resp3);
        foreach (Reply info in client.Ask("COMMAND", "INFO").Items) AddInfo(info, ours);
        Reply docs = client.Ask("COMMAND", "DOCS");
        for (int i = 0; i < docs.Items.Count; i += 2) AddDocs(docs.Items[i].Text, docs.Items[i + 1], ours);
        var wrong = new List<string>();
        foreach ((string name, string[] lines) in ours)
        {
            if (!valkey.TryGetValue(name, out string[]? theirs))
            {
                if (!Foreign.Contains(name)) wrong.Add($"{name}: Valkey has no such command");
            }
            else if (!lines.SequenceEqual(theirs)) wrong.Add(Compare(name, lines, theirs));
        }
        wrong.RemoveAll(w => w.Length == 0);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void RowsAndDocumentationHaveTheSameCommands()
    {
        CommandTable table = CommandFamilies.Build();
        var rows = new HashSet<string>();
        foreach (CommandSpec spec in table.All) rows.Add(Encoding.ASCII.GetString(spec.FullNameLower));
        var documented = CommandDocs.Names().ToHashSet();
        Assert.Equal([], documented.Except(rows).Order());
        Assert.Equal([], rows.Except(documented).Order());
    }

    [Fact]
    public void NoListedDifferenceIsStale()
    {
        Dictionary<string, string[]> valkey = ReadSnapshot();
        foreach ((string command, _, string reason) in Differences)
        {
            Assert.True(valkey.ContainsKey(command), command);
            Assert.NotEmpty(reason);
        }
    }

    private static string Compare(string name, string[] ours, string[] theirs)
    {
        var text = new StringBuilder();
        foreach (string line in theirs.Except(ours))
            if (!IsListed(name, line)) text.Append($"\n  Valkey: {line.Trim()}");
        foreach (string line in ours.Except(theirs))
            if (!IsListed(name, line)) text.Append($"\n    Anax: {line.Trim()}");
        if (text.Length == 0 && ours.Order().SequenceEqual(theirs.Order())) text.Append(" the order differs");
        return text.Length == 0 ? "" : name + ":" + text;
    }

    private static bool IsListed(string name, string line) =>
        Differences.Any(d => d.Command == name && line.TrimStart().StartsWith(d.Line, StringComparison.Ordinal));

    private static void AddInfo(Reply info, Dictionary<string, string[]> blocks)
    {
        string name = info.Items[0].Text;
        var subcommands = info.Items[9].Items;
        string count = Unfinished.Contains(name) ? "" : " " + subcommands.Count;
        blocks[name] = ["  info: " + string.Join(" ", info.Items.Skip(1).Take(8).Select(Describe)) + count];
        foreach (Reply subcommand in subcommands) AddInfo(subcommand, blocks);
    }

    private static void AddDocs(string name, Reply docs, Dictionary<string, string[]> blocks)
    {
        var lines = new List<string>(blocks[name]);
        for (int i = 0; i < docs.Items.Count; i += 2)
        {
            string key = docs.Items[i].Text;
            Reply value = docs.Items[i + 1];
            if (key == "subcommands")
            {
                for (int j = 0; j < value.Items.Count; j += 2) AddDocs(value.Items[j].Text, value.Items[j + 1], blocks);
                if (!Unfinished.Contains(name)) lines.Add($"  subcommands: {value.Items.Count / 2}");
            }
            else if (key is "arguments" or "history")
            {
                lines.Add($"  {key}:");
                foreach (Reply item in value.Items) lines.Add("    " + Describe(item));
            }
            else lines.Add($"  {key}: {Describe(value)}");
        }
        blocks[name] = [.. lines];
    }

    /// <summary>As <see cref="Reply.Text"/>, but with a plus before a status: it must not turn into a string unseen.</summary>
    private static string Describe(Reply reply) => reply.Type switch
    {
        '+' => "+" + reply.Text,
        '%' => "{" + string.Join(", ", reply.Items.Chunk(2).Select(p => $"{Describe(p[0])}: {Describe(p[1])}")) + "}",
        '*' or '~' => (reply.Type == '~' ? "~" : "") + "[" + string.Join(", ", reply.Items.Select(Describe)) + "]",
        _ => reply.Text,
    };

    private static Dictionary<string, string[]> ReadSnapshot()
    {
        var blocks = new Dictionary<string, string[]>();
        var lines = new List<string>();
        string? name = null;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests/Unit/Commands/valkey-command-info.txt")))
        {
            if (line.StartsWith('#')) continue;
            if (line.StartsWith(' '))
            {
                lines.Add(Without(name!, line));
                continue;
            }
            if (name is not null) blocks[name] = [.. lines.Where(l => l.Length != 0)];
            name = line;
            lines.Clear();
        }
        blocks[name!] = [.. lines];
        return blocks;
    }

    /// <summary>The number of an unfinished container's subcommands is not compared.</summary>
    private static string Without(string name, string line)
    {
        if (!Unfinished.Contains(name)) return line;
        if (line.StartsWith("  subcommands:", StringComparison.Ordinal)) return "";
        return line.StartsWith("  info:", StringComparison.Ordinal) ? line[..line.LastIndexOf(' ')] : line;
    }
}
