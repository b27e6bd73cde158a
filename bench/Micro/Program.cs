using Anax.Bench.Micro;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// usage: ./build bench [filter]      e.g. ./build bench '*KeyTable*'; without one, all of them
string[] filter = args.Length == 0 ? ["--filter", "*"] : ["--filter", .. args];
// In this process: the generated project of the default toolchain knows nothing of this repository's settings.
var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(KeyTableBenchmarks).Assembly).Run(filter, config);
