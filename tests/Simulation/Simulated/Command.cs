namespace Anax.Tests.Simulation.Simulated;

/// <summary>A command on keys, in parts that the model understands and a client can send.</summary>
internal sealed record Command(string Name, int Database, string[] Keys, string[] Arguments)
{
    public static Command Of(string name, int database, string key, params string[] arguments) =>
        new(name, database, [key], arguments);

    /// <summary>As it is sent: values stand behind their keys, all else behind all keys.</summary>
    public string[] Words => Name is "MSET" or "MSETNX"
        ? [Name, .. Keys.Zip(Arguments).SelectMany(pair => new[] { pair.First, pair.Second })]
        : [Name, .. Keys, .. Arguments];

    public override string ToString() =>
        (Database == 0 ? "" : $"[{Database}] ") + string.Join(' ', Words.Select(word => word.Length > 60 ? $"{word[..20]}…{word.Length}" : word));
}
