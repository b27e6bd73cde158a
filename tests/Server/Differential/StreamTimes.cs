using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Replies about streams that tell times: those may differ by what the two servers' clocks do, everything else may not. How many
/// nodes a tree has is each server's own affair.
/// </summary>
internal static class StreamTimes
{
    private const long ToleranceMs = 60_000;

    private static readonly string[] Times = ["idle", "inactive", "seen-time", "active-time"];

    public static bool AreEqual(byte[][] command, RespValue a, RespValue b)
    {
        if (Comparison.Name(command) == "XINFO") return AreSame(a, b, "");
        bool isSummary = command.Length == 3;
        if (isSummary || a.Items.Length != b.Items.Length || a.Type != b.Type) return Comparison.Equal(a, b);
        return a.Items.Zip(b.Items).All(pair => ArePending(pair.First, pair.Second));
    }

    /// <summary>The time of a pending entry is the number before the last one.</summary>
    private static bool ArePending(RespValue a, RespValue b)
    {
        if (a.Items.Length != b.Items.Length || a.Items.Length < 3) return false;
        for (int i = 0; i < a.Items.Length; i++)
            if (i == a.Items.Length - 2 ? !AreNear(a.Items[i], b.Items[i]) : !Comparison.Equal(a.Items[i], b.Items[i])) return false;
        return true;
    }

    private static bool AreNear(RespValue a, RespValue b) =>
        a.Type == ':' && b.Type == ':' && a.Integer < 0 == b.Integer < 0 && Math.Abs(a.Integer - b.Integer) <= ToleranceMs;

    /// <summary>What stands behind a name, or maps and arrays of such.</summary>
    private static bool AreSame(RespValue a, RespValue b, string name)
    {
        if (Times.Contains(name)) return AreNear(a, b);
        if (name == "radix-tree-nodes") return a.Type == b.Type;
        if (a.Items.Length == 0 || a.Items.Length != b.Items.Length || a.Type != b.Type) return Comparison.Equal(a, b);
        if (name == "pending") return a.Items.Zip(b.Items).All(pair => ArePending(pair.First, pair.Second));
        bool hasNames = a.Type == '%' || a.Items.Length % 2 == 0 && a.Items[0].Type is '$' or '+';
        for (int i = 0; i < a.Items.Length; i++)
            if (!AreSame(a.Items[i], b.Items[i], hasNames && i % 2 == 1 ? a.Items[i - 1].Text ?? "" : "")) return false;
        return true;
    }
}
