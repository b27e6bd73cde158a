using Anax.Bench.Micro;
using BenchmarkDotNet.Running;

// usage: ./build bench [filter]      e.g. ./build bench '*KeyTable*'; without one, all of them
string[] filter = args.Length == 0 ? ["--filter", "*"] : args[0].StartsWith('-') ? args : ["--filter", .. args];
BenchmarkSwitcher.FromAssembly(typeof(KeyTableBenchmarks).Assembly).Run(filter);
