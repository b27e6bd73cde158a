using System.Diagnostics;
using System.Globalization;

namespace Anax.Bench.NoGc;

/// <summary>
/// Drives a running server with mixed operations and tells what they cost its managed heap: `NoGc PORT [operations]`.
/// Ends with 1 when the server collected, or allocated a MiB or more.
/// </summary>
internal static class Program
{
    private const long WarmUpOperations = 300_000;
    private const long AllocatedMax = 1 << 20;

    private static int Main(string[] args)
    {
        if (args.Length is 0 or > 2)
        {
            Console.Error.WriteLine("usage: NoGc PORT [operations]");
            return 2;
        }
        int port = int.Parse(args[0], CultureInfo.InvariantCulture);
        long operations = args.Length == 2 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 20_000_000;
        using var load = new MixedLoad(port, seed: 1);
        load.Run(WarmUpOperations, reconnects: 50);
        HeapFigures before = load.ReadFigures();
        var watch = Stopwatch.StartNew();
        load.Run(operations, reconnects: 100);
        double seconds = watch.Elapsed.TotalSeconds;
        HeapFigures after = load.ReadFigures();
        long collections = after.Collections - before.Collections, allocated = after.AllocatedBytes - before.AllocatedBytes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{operations} operations in {seconds:F1} s, {load.Errors} errors among all replies: {collections} collections, {allocated} bytes allocated"));
        return collections == 0 && allocated < AllocatedMax ? 0 : 1;
    }
}
