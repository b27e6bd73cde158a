using Anax.Core;
using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Commands;

// CommandDocs.txt holds one block per command, blocks apart by an empty line:
//
//     set string 1.0.0 O(1)                     name, group, version, complexity to the end of the line
//       ! syscmd                                a flag of the documentation
//       ! deprecated 6.2.0 `GETEX`              since when, and what replaces it, to the end of the line
//       + 6.0.0 Added the `KEEPTTL` option.     history
//       key:key @0                              arguments: name:type and attributes, subordinate ones further in
//       condition:oneof ?
//         nx:token =NX since:2.6.12
//
// Attributes: =TOKEN, ? optional, * multiple, ** its token too, @n key specification, since:, deprecated:, display:,
// and "summary to the end of the line.

/// <summary>
/// What COMMAND DOCS knows of commands beside their rows. A text that is loaded when it is first asked for, and scanned
/// each time: nothing is kept of it but its bytes.
/// </summary>
internal static class CommandDocs
{
    private static readonly byte[] Text = Load();

    /// <summary>Names of all commands that have a block, for tests.</summary>
    internal static IEnumerable<string> Names()
    {
        foreach (string line in System.Text.Encoding.UTF8.GetString(Text).Split('\n'))
            if (line.Length != 0 && line[0] is not (' ' or '#')) yield return line[..line.IndexOf(' ')];
    }

    /// <summary>The documentation of a command as a map, its subcommands' within.</summary>
    internal static void Write(CommandSpec spec, ref ReplyWriter reply)
    {
        Block block = Find(spec.FullNameLower);
        int history = 0, arguments = 0;
        ReadOnlySpan<byte> deprecation = default;
        bool syscmd = false;
        foreach (ReadOnlySpan<byte> line in new Lines(block.Body))
        {
            if (line.StartsWith("  + "u8)) history++;
            else if (line.SequenceEqual("  ! syscmd"u8)) syscmd = true;
            else if (line.StartsWith(Deprecated)) deprecation = line[Deprecated.Length..];
            else if (DepthOf(line) == 1) arguments++;
        }
        bool deprecated = !deprecation.IsEmpty;
        int pairs = 3 + One(!block.Complexity.IsEmpty) + One(syscmd || deprecated) + 2 * One(deprecated)
            + One(history != 0) + One(arguments != 0) + One(spec.IsContainer);
        reply.Map(pairs);
        reply.Bulk("summary"u8);
        CommandInfo.WriteText(spec.Summary, ref reply);
        WritePair("since"u8, block.Since, ref reply);
        WritePair("group"u8, block.Group, ref reply);
        if (!block.Complexity.IsEmpty) WritePair("complexity"u8, block.Complexity, ref reply);
        if (syscmd || deprecated)
        {
            reply.Bulk("doc_flags"u8);
            reply.Set(One(syscmd) + One(deprecated));
            if (deprecated) reply.Simple("deprecated"u8);
            if (syscmd) reply.Simple("syscmd"u8);
        }
        if (deprecated)
        {
            WritePair("deprecated_since"u8, Word(ref deprecation), ref reply);
            WritePair("replaced_by"u8, deprecation, ref reply);
        }
        if (history != 0) WriteHistory(block.Body, history, ref reply);
        if (arguments != 0)
        {
            reply.Bulk("arguments"u8);
            WriteArguments(block.Body, 1, ref reply);
        }
        if (spec.IsContainer) WriteSubcommands(spec, ref reply);
    }

    private static ReadOnlySpan<byte> Deprecated => "  ! deprecated "u8;

    private static void WriteHistory(ReadOnlySpan<byte> body, int count, ref ReplyWriter reply)
    {
        reply.Bulk("history"u8);
        reply.Set(count);
        foreach (ReadOnlySpan<byte> line in new Lines(body))
        {
            if (!line.StartsWith("  + "u8)) continue;
            ReadOnlySpan<byte> rest = line["  + ".Length..];
            reply.Array(2);
            reply.Bulk(Word(ref rest));
            reply.Bulk(rest);
        }
    }

    private static void WriteSubcommands(CommandSpec spec, ref ReplyWriter reply)
    {
        reply.Bulk("subcommands"u8);
        reply.Map(spec.Subcommands.Length);
        foreach (CommandSpec subcommand in spec.Subcommands)
        {
            reply.Bulk(subcommand.FullNameLower);
            Write(subcommand, ref reply);
        }
    }

    /// <summary>The arguments at one depth of what begins at the body's front, those below them included.</summary>
    private static void WriteArguments(ReadOnlySpan<byte> body, int depth, ref ReplyWriter reply)
    {
        int count = 0;
        foreach (ReadOnlySpan<byte> line in new Lines(body))
        {
            if (DepthOf(line) < depth) break;
            if (IsArgument(line) && DepthOf(line) == depth) count++;
        }
        reply.Array(count);
        var lines = new Lines(body);
        while (count > 0 && lines.MoveNext())
        {
            if (!IsArgument(lines.Current) || DepthOf(lines.Current) != depth) continue;
            WriteArgument(lines.Current[(depth * 2)..], lines.Rest, depth, ref reply);
            count--;
        }
    }

    private static void WriteArgument(ReadOnlySpan<byte> line, ReadOnlySpan<byte> below, int depth, ref ReplyWriter reply)
    {
        ReadOnlySpan<byte> type = Word(ref line);
        int colon = type.IndexOf((byte)':');
        ReadOnlySpan<byte> name = type[..colon];
        type = type[(colon + 1)..];
        bool isGroup = type.SequenceEqual("oneof"u8) || type.SequenceEqual("block"u8);
        var attributes = new Attributes(line);
        reply.Map(2 + attributes.Count + 1);
        WritePair("name"u8, name, ref reply);
        WritePair("type"u8, type.SequenceEqual("token"u8) ? "pure-token"u8 : type, ref reply);
        if (!isGroup) WritePair("display_text"u8, attributes.Display.IsEmpty ? name : attributes.Display, ref reply);
        attributes.Write(ref reply);
        if (!isGroup) return;
        reply.Bulk("arguments"u8);
        WriteArguments(below, depth + 1, ref reply);
    }

    private static void WritePair(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value, ref ReplyWriter reply)
    {
        reply.Bulk(name);
        reply.Bulk(value);
    }

    private static int One(bool present) => present ? 1 : 0;

    private static bool IsArgument(ReadOnlySpan<byte> line) => !line.StartsWith("  + "u8) && !line.StartsWith("  ! "u8);

    private static int DepthOf(ReadOnlySpan<byte> line)
    {
        int first = line.IndexOfAnyExcept((byte)' ');
        return first / 2;
    }

    /// <summary>Takes a word off the front.</summary>
    private static ReadOnlySpan<byte> Word(scoped ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return word;
    }

    private static Block Find(ReadOnlySpan<byte> name)
    {
        const int NameMax = 64;
        Span<byte> needle = stackalloc byte[NameMax];
        needle = needle[..(name.Length + 2)];
        needle[0] = (byte)'\n';
        name.CopyTo(needle[1..]);
        needle[^1] = (byte)' ';
        int at = Text.AsSpan().IndexOf(needle);
        return at < 0 ? default : new Block(Text.AsSpan(at + needle.Length));
    }

    private static byte[] Load()
    {
        using Stream? stream = typeof(CommandDocs).Assembly.GetManifestResourceStream("CommandDocs.txt");
        Invariant.Holds(stream is not null, "the documentation of commands is part of the program");
        byte[] text = new byte[stream!.Length];
        stream.ReadExactly(text);
        return text;
    }

    /// <summary>A command's block: its first line, taken apart, and the others.</summary>
    private readonly ref struct Block
    {
        internal readonly ReadOnlySpan<byte> Group;
        internal readonly ReadOnlySpan<byte> Since;
        internal readonly ReadOnlySpan<byte> Complexity;
        internal readonly ReadOnlySpan<byte> Body;

        internal Block(ReadOnlySpan<byte> text)
        {
            int end = text.IndexOf("\n\n"u8);
            if (end >= 0) text = text[..end];
            int line = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> head = line < 0 ? text : text[..line];
            Body = line < 0 ? default : text[(line + 1)..];
            Group = Word(ref head);
            Since = Word(ref head);
            Complexity = head;
        }
    }

    /// <summary>The lines of a text, one after the other.</summary>
    private ref struct Lines(ReadOnlySpan<byte> text)
    {
        internal ReadOnlySpan<byte> Rest { get; private set; } = text;
        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Lines GetEnumerator() => this;

        public bool MoveNext()
        {
            if (Rest.IsEmpty) return false;
            int end = Rest.IndexOf((byte)'\n');
            Current = end < 0 ? Rest : Rest[..end];
            Rest = end < 0 ? default : Rest[(end + 1)..];
            return true;
        }
    }

    /// <summary>What stands behind an argument's name and type.</summary>
    private readonly ref struct Attributes
    {
        internal readonly ReadOnlySpan<byte> Display;
        private readonly ReadOnlySpan<byte> _keySpec;
        private readonly ReadOnlySpan<byte> _token;
        private readonly ReadOnlySpan<byte> _summary;
        private readonly ReadOnlySpan<byte> _since;
        private readonly ReadOnlySpan<byte> _deprecated;
        private readonly bool _optional;
        private readonly bool _multiple;
        private readonly bool _multipleToken;

        internal Attributes(ReadOnlySpan<byte> text)
        {
            while (!text.IsEmpty)
            {
                if (text[0] == (byte)'"')
                {
                    _summary = text[1..];
                    break;
                }
                ReadOnlySpan<byte> word = Word(ref text);
                if (word[0] == (byte)'=') _token = word[1..];
                else if (word[0] == (byte)'@') _keySpec = word[1..];
                else if (word.SequenceEqual("?"u8)) _optional = true;
                else if (word.SequenceEqual("*"u8)) _multiple = true;
                else if (word.SequenceEqual("**"u8)) _multipleToken = true;
                else if (word.StartsWith("since:"u8)) _since = word["since:".Length..];
                else if (word.StartsWith("deprecated:"u8)) _deprecated = word["deprecated:".Length..];
                else Display = word["display:".Length..];
            }
        }

        private bool HasFlags => _optional || _multiple || _multipleToken;

        /// <summary>How many pairs <see cref="Write"/> writes.</summary>
        internal int Count => One(!_keySpec.IsEmpty) + One(!_token.IsEmpty) + One(!_summary.IsEmpty) + One(!_since.IsEmpty)
            + One(!_deprecated.IsEmpty) + One(HasFlags);

        internal void Write(ref ReplyWriter reply)
        {
            if (!_keySpec.IsEmpty)
            {
                reply.Bulk("key_spec_index"u8);
                reply.Integer(_keySpec[0] - '0');
            }
            if (!_token.IsEmpty) WritePair("token"u8, _token, ref reply);
            if (!_summary.IsEmpty) WritePair("summary"u8, _summary, ref reply);
            if (!_since.IsEmpty) WritePair("since"u8, _since, ref reply);
            if (!_deprecated.IsEmpty) WritePair("deprecated_since"u8, _deprecated, ref reply);
            if (!HasFlags) return;
            reply.Bulk("flags"u8);
            reply.Set(One(_optional) + One(_multiple) + One(_multipleToken));
            if (_optional) reply.Simple("optional"u8);
            if (_multiple) reply.Simple("multiple"u8);
            if (_multipleToken) reply.Simple("multiple_token"u8);
        }
    }
}
