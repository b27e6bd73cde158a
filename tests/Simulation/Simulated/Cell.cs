namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// A key in the model. A client does not know at which moment of its request the server looked at the clock, so a time to
/// expire (Unix milliseconds, the last one excluded from life) lies between two bounds until a reply narrows them; 0 is none.
/// </summary>
internal readonly record struct Cell(string? Value, long ExpiresFromMs = 0, long ExpiresToMs = 0)
{
    public bool Exists => Value is not null;
    public bool Expires => Exists && ExpiresFromMs != 0;

    public override string ToString() => !Exists ? "nothing" : Expires ? $"{Value} until {ExpiresFromMs}…{ExpiresToMs}" : Value!;
}

/// <summary>The milliseconds between a request and its reply: one of them was the command's own time.</summary>
internal readonly record struct TimeWindow(long FromMs, long ToMs);
