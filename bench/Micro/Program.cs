using System.Globalization;
using Anax.Bench.Micro;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// usage: ./build bench [filter]      e.g. ./build bench '*KeyTable*'; without one, all of them
// Ends with 1 when a benchmark allocated other than it says.
string[] filter = args.Length == 0 ? ["--filter", "*"] : ["--filter", .. args];
// In this process: the generated project of the default toolchain knows nothing of this repository's settings.
var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(KeyTableBenchmarks).Assembly).Run(filter, config);
string[] surprises = [.. summaries.SelectMany(summary => summary.Reports).Select(SurpriseOf).OfType<string>()];
foreach (string surprise in surprises) Console.Error.WriteLine(surprise);
return surprises.Length == 0 ? 0 : 1;

static string? SurpriseOf(BenchmarkReport report)
{
    long? expected = ExpectedBytesAttribute.Of(report.BenchmarkCase.Descriptor.WorkloadMethod);
    long? measured = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
    if (expected is not null && expected == measured) return null;
    return string.Create(CultureInfo.InvariantCulture,
        $"{report.BenchmarkCase.Descriptor.GetFilterName()}: {measured} bytes per operation, expected are {expected}");
}
