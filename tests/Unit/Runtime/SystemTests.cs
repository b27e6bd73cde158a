using Anax.Runtime;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>What the machine and its containers allow, read from the real files and from made ones.</summary>
[Collection(AloneCollection.Name)]
public sealed class SystemTests
{
    [Fact]
    public void TopologyOfThisMachine()
    {
        CpuTopology topology = CpuTopology.Detect();
        Assert.InRange(topology.Cpus.Count, 1, 1024);
        Assert.InRange(topology.ThreadCount, 1, topology.Cpus.Count);
    }

    [Theory]
    [InlineData("max 100000", double.PositiveInfinity)]
    [InlineData("150000 100000", 1.5)]
    [InlineData("50000 100000", 0.5)]
    public void QuotaOfAVersion2Group(string text, double quota)
    {
        using FakeRoot root = new();
        root.Write("proc/self/cgroup", "0::/app/worker\n");
        root.Write("sys/fs/cgroup/app/cpu.max", text + "\n");
        root.Write("sys/fs/cgroup/app/worker/cpu.max", "max 100000\n");
        CpuTopology topology = CpuTopology.Detect(root.Path);
        Assert.Equal(quota, topology.Quota);
        Assert.Equal(Math.Min(topology.Cpus.Count, Math.Ceiling(quota)), topology.ThreadCount);
    }

    [Fact]
    public void QuotaOfAVersion1Group()
    {
        using FakeRoot root = new();
        root.Write("proc/self/cgroup", "4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n");
        root.Write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "100000\n");
        root.Write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
        root.Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        CpuTopology topology = CpuTopology.Detect(root.Path);
        Assert.Equal(1.0, topology.Quota);
        Assert.Equal(1, topology.ThreadCount);
        Assert.Equal(topology.Cpus.Count == 1, topology.ShouldPin);
    }

    [Fact]
    public void TheSmallestMemoryLimitCounts()
    {
        using FakeRoot root = new();
        root.Write("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n");
        Assert.Equal(16384 * 1024, SystemMemory.LimitBytes(root.Path));
        root.Write("proc/self/cgroup", "0::/app\n");
        root.Write("sys/fs/cgroup/app/memory.max", "max\n");
        root.Write("sys/fs/cgroup/memory.max", "4194304\n");
        Assert.Equal(4194304, SystemMemory.LimitBytes(root.Path));
        root.Write("proc/self/cgroup", "3:memory:/app\n");
        root.Write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "1048576\n");
        Assert.Equal(1048576, SystemMemory.LimitBytes(root.Path));
    }

    [Fact]
    public void MemoryOfThisProcess()
    {
        Assert.InRange(SystemMemory.LimitBytes(), 1 << 24, SystemMemory.MachineBytes());
        long resident = SystemMemory.ResidentBytes();
        Assert.InRange(resident, 1 << 20, SystemMemory.MachineBytes());
        Assert.InRange(SystemMemory.ResidentPeakBytes(), resident / 2, SystemMemory.MachineBytes());
        long before = GC.GetAllocatedBytesForCurrentThread();
        SystemMemory.ResidentBytes();
        SystemMemory.ResidentPeakBytes();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512);
    }

    [Fact]
    public void OpenFilesAreRaisedAsFarAsAllowed()
    {
        long now = ProcessLimits.OpenFiles();
        Assert.InRange(now, 16, long.MaxValue);
        Assert.Equal(now, ProcessLimits.RaiseOpenFiles(1));
        long granted = ProcessLimits.RaiseOpenFiles(now + 16);
        Assert.InRange(granted, now, now + 16);
        Assert.Equal(granted, ProcessLimits.OpenFiles());
    }

    private sealed class FakeRoot : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("anax-root").FullName;

        public void Write(string file, string text)
        {
            string path = System.IO.Path.Combine(Path, file);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
