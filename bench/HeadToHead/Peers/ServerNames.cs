namespace Anax.Bench.HeadToHead.Peers;

/// <summary>The servers that are compared, as results name them and as people read them.</summary>
internal static class ServerNames
{
    public const string Anax = "anax";

    /// <summary>Anax where a script that may need keys which it has not declared locks everything.</summary>
    public const string AnaxGlobal = "anax-global";

    /// <summary>What the others are measured by.</summary>
    public const string Valkey = "valkey";

    /// <summary>Valkey a second time: what differs from Valkey here is noise.</summary>
    public const string Control = "valkey-control";

    /// <summary>Valkey with I/O threads, where it has several CPUs.</summary>
    public const string ValkeyIo = "valkey-io";

    public const string Garnet = "garnet";
    public const string Dragonfly = "dragonfly";

    /// <summary>No store: the least that a server on epoll can do for a request.</summary>
    public const string Floor = "floor";

    public static IReadOnlyList<string> All { get; } = [Anax, AnaxGlobal, Valkey, Control, ValkeyIo, Garnet, Dragonfly, Floor];

    /// <summary>Within a sentence.</summary>
    public static string ShortTitle(string name) => name == Floor ? "the floor" : Title(name);

    public static string Title(string name) => name switch
    {
        Anax => "Anax",
        AnaxGlobal => "Anax (scripts lock all)",
        Valkey => "Valkey",
        Control => "Valkey (control)",
        ValkeyIo => "Valkey (I/O threads)",
        Garnet => "Garnet",
        Dragonfly => "Dragonfly",
        Floor => "Floor (bare epoll echo in C)",
        _ => name,
    };
}
