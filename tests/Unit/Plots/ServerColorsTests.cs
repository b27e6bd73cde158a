using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Servers keep their colours, and eyes of every kind tell them apart.</summary>
public sealed class ServerColorsTests
{
    private static readonly string[] Servers =
        [ServerColors.Anax, ServerColors.Valkey, ServerColors.ValkeyControl, ServerColors.Garnet, ServerColors.Dragonfly];

    /// <summary>What a missing kind of cones makes of linear red, green and blue (Viénot, Brettel and Mollon, 1999).</summary>
    private static readonly Dictionary<string, double[]> Eyes = new()
    {
        ["all cones"] = [1, 0, 0, 0, 1, 0, 0, 0, 1],
        ["no red cones"] = [0.11238, 0.88762, 0, 0.11238, 0.88762, 0, 0.00401, -0.00401, 1],
        ["no green cones"] = [0.29275, 0.70725, 0, 0.29275, 0.70725, 0, -0.02234, 0.02234, 1],
        ["greyscale"] = [0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722],
    };

    [Theory]
    [InlineData("anax", ServerColors.Anax)]
    [InlineData("Anax 0.1, 4 threads", ServerColors.Anax)]
    [InlineData("valkey", ServerColors.Valkey)]
    [InlineData("Valkey 9.1", ServerColors.Valkey)]
    [InlineData("valkey (control)", ServerColors.ValkeyControl)]
    [InlineData("valkey-control", ServerColors.ValkeyControl)]
    [InlineData("garnet", ServerColors.Garnet)]
    [InlineData("DRAGONFLY", ServerColors.Dragonfly)]
    [InlineData("redis", null)]
    [InlineData("anaxagoras", null)]
    [InlineData("", null)]
    public void AServerHasItsColor(string name, string? expected) => Assert.Equal(expected, ServerColors.Find(name));

    [Fact]
    public void OnlyTheControlIsDashed()
    {
        Assert.Equal(LineDash.Dashed, ServerColors.DashOf("valkey (control)"));
        Assert.Equal(LineDash.Solid, ServerColors.DashOf("valkey"));
        Assert.Equal(LineDash.Solid, ServerColors.DashOf("remote control"));
    }

    [Theory]
    [InlineData("all cones", 20)]
    [InlineData("no red cones", 14)]
    [InlineData("no green cones", 14)]
    [InlineData("greyscale", 10)]
    public void EveryPairOfServersDiffers(string eye, double distanceMin)
    {
        for (int i = 0; i < Servers.Length; i++)
        {
            for (int k = i + 1; k < Servers.Length; k++)
            {
                double distance = Distance(Lab(Servers[i], Eyes[eye]), Lab(Servers[k], Eyes[eye]));
                Assert.True(distance >= distanceMin, $"{Servers[i]} and {Servers[k]} with {eye}: {distance:F1}");
            }
        }
    }

    [Fact]
    public void SeriesOfOneChartDiffer()
    {
        string[] names = ["anax", "other", "anax again", "valkey", "p50", "p99"];
        string?[] own = [null, null, null, null, ServerColors.Cycle[0], null];
        string[] colors = ServerColors.Assign(names, own);
        Assert.Equal(names.Length, colors.Distinct().Count());
        Assert.Equal(ServerColors.Anax, colors[0]);
        Assert.Equal(ServerColors.Valkey, colors[3]);
        Assert.Equal(ServerColors.Cycle[0], colors[4]);
    }

    [Fact]
    public void TheCycleStartsAgain()
    {
        string[] names = [.. Enumerable.Range(0, 20).Select(i => $"series {i}")];
        string[] colors = ServerColors.Assign(names, new string?[20]);
        Assert.Equal(ServerColors.Cycle, colors.Take(ServerColors.Cycle.Count));
        Assert.Equal(ServerColors.Cycle[0], colors[ServerColors.Cycle.Count]);
    }

    private static double[] Lab(string color, double[] eye)
    {
        double[] rgb = [.. Convert.FromHexString(color[1..]).Select(b => Linear(b / 255.0))];
        double[] seen = [.. eye.Chunk(3).Select(row => Math.Clamp(row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2], 0, 1))];
        double x = F((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505);
        double y = F(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]);
        double z = F((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089);
        return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
    }

    private static double Linear(double v) => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);

    private static double F(double t) => t > 0.008856 ? Math.Cbrt(t) : 7.787 * t + 16 / 116.0;

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
