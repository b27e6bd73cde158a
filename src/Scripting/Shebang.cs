using Anax.Core.Text;

namespace Anax.Scripting;

/// <summary>
/// The first line of a script or library, "#!lua flags=no-writes" or "#!lua name=mylib": the words behind its sign. The code
/// begins with the line's end, so that Lua counts lines as the writer does.
/// </summary>
internal static class Shebang
{
    private const string Engine = "lua";

    /// <summary>Reads the flags of a script, which needs no such line. The error to answer, or null.</summary>
    internal static string? ReadScript(ReadOnlySpan<byte> body, out ScriptFlags flags, out int codeStart)
    {
        flags = ScriptFlags.Undeclared;
        codeStart = 0;
        if (!body.StartsWith("#!"u8)) return null;
        if (!TrySplit(body, out string[] words, out codeStart)) return "Invalid script shebang";
        if (words.Length == 0) return "Invalid engine in script shebang";
        flags = ScriptFlags.None;
        foreach (string word in words[1..])
        {
            if (!word.StartsWith("flags=", StringComparison.Ordinal)) return $"Unknown lua shebang option: {word}";
            foreach (string name in word["flags=".Length..].Split(','))
            {
                if (name.Length == 0) continue;
                byte[] text = System.Text.Encoding.Latin1.GetBytes(name);
                if (!ScriptFlagNames.TryFind(text, out ScriptFlags flag)) return $"Unexpected flag in script shebang: {name}";
                flags |= flag;
            }
        }
        return IsLua(words[0]) ? null : $"Could not find scripting engine '{words[0]}'";
    }

    /// <summary>Reads the name of a library, which must have it. The error to answer, or null.</summary>
    internal static string? ReadLibrary(ReadOnlySpan<byte> code, out string name, out int codeStart)
    {
        name = "";
        codeStart = 0;
        if (!code.StartsWith("#!"u8)) return "Missing library metadata";
        if (!TrySplit(code, out string[] words, out codeStart) || words.Length == 0) return "Invalid library metadata";
        string? found = null;
        foreach (string word in words[1..])
        {
            if (!word.StartsWith("name=", StringComparison.OrdinalIgnoreCase)) return $"Invalid metadata value given: {word}";
            if (found is not null) return "Invalid metadata value, name argument was given multiple times";
            found = word["name=".Length..];
        }
        if (found is null) return "Library name was not given";
        name = found;
        if (!IsName(name))
            return "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";
        return IsLua(words[0]) ? null : $"Engine '{words[0]}' not found";
    }

    /// <summary>May a library or a function be called so?</summary>
    internal static bool IsName(string name)
    {
        foreach (char character in name)
            if (!char.IsAsciiLetterOrDigit(character) && character != '_') return false;
        return name.Length != 0;
    }

    private static bool IsLua(string engine) => string.Equals(engine, Engine, StringComparison.OrdinalIgnoreCase);

    private static bool TrySplit(ReadOnlySpan<byte> text, out string[] words, out int end)
    {
        end = text.IndexOf((byte)'\n');
        words = [];
        if (end < 0) return false;
        words = ArgumentSplitter.Split(Ascii.Decode(text[..end])) ?? [];
        if (words.Length != 0) words[0] = words[0].Length < 2 ? "" : words[0][2..];
        return true;
    }
}
