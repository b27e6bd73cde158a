namespace Anax.Plots;

/// <summary>
/// The colours of series. A server has the same one in every chart; five steps of lightness, at least ten units of L*
/// apart, tell the servers apart in greyscale, and no pair rests on red against green alone. The control of Valkey is
/// the same server a second time, and so has a lighter tint of its colour and a dash.
/// </summary>
public static class ServerColors
{
    public const string Anax = "#0b62ad";
    public const string Valkey = "#d55e00";
    public const string ValkeyControl = "#f0ab70";
    public const string Garnet = "#6a0f34";
    public const string Dragonfly = "#3fae94";

    /// <summary>For everything else, in this order and then again from the first.</summary>
    public static IReadOnlyList<string> Cycle { get; } =
        ["#3f8fd2", "#8a4fbf", "#c23b6b", "#b8950b", "#1f3a5f", "#2e8b57", "#d98cc0", "#5b6470"];

    /// <summary>
    /// By the first word, whatever its case: "Valkey 9.1" is Valkey, and its control when "control" follows. Null for
    /// other names.
    /// </summary>
    public static string? Find(string name) => FirstWord(name) switch
    {
        "anax" => Anax,
        "valkey" => IsControl(name) ? ValkeyControl : Valkey,
        "garnet" => Garnet,
        "dragonfly" => Dragonfly,
        _ => null,
    };

    public static LineDash DashOf(string name) =>
        FirstWord(name) == "valkey" && IsControl(name) ? LineDash.Dashed : LineDash.Solid;

    /// <summary>
    /// A colour for each name: its own if it has one, else its server's, else the next of the cycle; so also where a
    /// second series is named after the same server, since no two of a chart may look alike.
    /// </summary>
    internal static string[] Assign(ReadOnlySpan<string> names, ReadOnlySpan<string?> own)
    {
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        var colors = new string?[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            colors[i] = own[i];
            if (own[i] is string color) taken.Add(color);
        }

        for (int i = 0; i < names.Length; i++)
        {
            if (colors[i] is null && Find(names[i]) is string color && taken.Add(color)) colors[i] = color;
        }

        int next = 0;
        for (int i = 0; i < names.Length; i++) colors[i] ??= NextFree(taken, ref next);
        return colors!;
    }

    private static string NextFree(HashSet<string> taken, ref int next)
    {
        while (next < Cycle.Count)
        {
            string color = Cycle[next++];
            if (taken.Add(color)) return color;
        }

        return Cycle[next++ % Cycle.Count];
    }

    private static string FirstWord(string name)
    {
        string text = name.Trim();
        int length = 0;
        while (length < text.Length && char.IsAsciiLetter(text[length])) length++;
        return text[..length].ToLowerInvariant();
    }

    private static bool IsControl(string name) => name.Contains("control", StringComparison.OrdinalIgnoreCase);
}
