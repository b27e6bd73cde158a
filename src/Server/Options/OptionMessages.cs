namespace Anax.Server.Options;

/// <summary>The sentences in which options are refused or remarked on.</summary>
internal static class OptionMessages
{
    /// <summary>For a value that asks for something that does not exist yet.</summary>
    public static string Promise(OptionSpec spec)
    {
        var off = spec.OffText.Length == 0 ? "leave it out" : $"use '{spec.Name} {spec.OffText}'";
        return $"{spec.Missing} is not available yet; {off}";
    }

    public static string Unknown(string name) =>
        OptionTable.Nearest(name) is { } nearest
            ? $"Unknown option '{name}'. Did you mean '{nearest}'?"
            : $"Unknown option '{name}'.";

    public static string Ignored(List<string> names) =>
        names.Count == 1
            ? $"Option without effect here: {names[0]}"
            : $"Options without effect here: {string.Join(", ", names)}";
}
