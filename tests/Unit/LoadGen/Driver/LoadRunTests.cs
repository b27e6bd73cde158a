using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.Tests.Stub;
using HdrHistogram;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Driver;

/// <summary>Whole runs on a simulated network: who sends how much and when, in all modes, and how a run ends.</summary>
public sealed class LoadRunTests
{
    private const long MillisecondNs = 1_000_000;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 4, 1)]
    [InlineData(2, 3, 7)]
    public void EveryConnectionSendsItsCount(int threads, int connections, int pipeline)
    {
        using LoadRig rig = new(new StubOptions { KeepsValues = true });
        RunResult result = rig.Run(new BenchOptions { Qps = 0, Requests = 100, Connections = connections, Pipeline = pipeline }, threads);
        Assert.Equal("", result.Failure);
        PhaseRecord step = Assert.Single(result.Steps);
        Assert.Equal(threads, step.Threads.Count);
        Assert.All(step.Threads, thread => Assert.Equal((100L * connections, 100L * connections), (thread.SentCount, thread.ReplyCount)));
        Assert.Equal(100 * connections * threads, rig.Stub.Record.Count);
        // One connection more than make load asked who the server is.
        Assert.Equal(connections * threads + 1, rig.Stub.Record.Connections);
        Assert.Equal("redis 7.4.0", result.ServerVersion);
        Assert.True(rig.Stub.Record.PendingPeak <= pipeline);
    }

    [Fact]
    public void CommandsThatAreJoinedAreOneRequestWithTheLastReplyAsItsAnswer()
    {
        using LoadRig rig = new(new StubOptions { KeepsValues = true, Delay = new ConstantDelay(MillisecondNs) });
        BenchOptions options = new()
        {
            Qps = 0,
            Requests = 100,
            Connections = 2,
            Pipeline = 5,
            Commands = [new("set __key__ __data__ ; set __key__ __data__ ; get none", 1)],
        };
        RunResult result = rig.Run(options);
        Assert.Equal("", result.Failure);
        PhaseRecord step = Assert.Single(result.Steps);
        Assert.Equal((200, 200), (step.Sent, step.Replies));
        // Reads of a key that is not there, and no others.
        Assert.Equal((200, 0), (step.Reads, step.Hits));
        Assert.Equal(600, rig.Stub.Record.Count);
        Assert.Equal(15, rig.Stub.Record.PendingPeak);
    }

    [Fact]
    public void AClosedLoopSendsTheNextBatchWhenTheLastIsAnsweredAsAWhole()
    {
        using LoadRig rig = new(new StubOptions { Delay = new ConstantDelay(MillisecondNs) });
        rig.Run(new BenchOptions { Qps = 0, Requests = 40, Connections = 1, Pipeline = 10 });
        StubRecord record = rig.Stub.Record;
        Assert.Equal(10, record.PendingPeak);
        for (int i = 10; i < 40; i += 10) Assert.True(record.ArrivalNs(i) >= record.ReplyNs(i - 1));
    }

    [Fact]
    public void AWindowIsKeptFull()
    {
        using LoadRig rig = new(new StubOptions { Delay = new ConstantDelay(MillisecondNs) });
        rig.Run(new BenchOptions { Qps = 0, Requests = 400, Connections = 1, Window = 16 });
        StubRecord record = rig.Stub.Record;
        Assert.Equal(400, record.Count);
        Assert.Equal(16, record.PendingPeak);
        for (int i = 16; i < 400; i++) Assert.InRange(record.ArrivalNs(i) - record.ReplyNs(i - 16), 0, 100_000);
    }

    [Fact]
    public void AScheduleIsKeptWhateverTheServerTakes()
    {
        using LoadRig rig = new(new StubOptions { Delay = new ConstantDelay(3 * MillisecondNs) });
        RunResult result = rig.Run(new BenchOptions { Qps = 100, TestTime = 1, Requests = 0, Connections = 4, Pipeline = 2 });
        StubRecord record = rig.Stub.Record;
        Assert.Equal(4 * 100 * 2, record.Count);
        long startNs = result.Steps[0].StartNs;
        for (int i = 0; i < record.Count; i += 2)
        {
            // Four connections share 10 ms.
            long expectedNs = startNs + i / 2 * (long)(2.5 * MillisecondNs);
            Assert.InRange(record.ArrivalNs(i) - expectedNs, 0, 200_000);
        }
    }

    [Fact]
    public void AThrottledScheduleHoldsBackAndAHardOneDoesNot()
    {
        StubOptions slow = new() { Delay = new StallingDelay(10_000, 500 * MillisecondNs, 1000 * MillisecondNs) };
        BenchOptions options = new() { Qps = 1000, Requests = 3000, Connections = 1, Pipeline = 3 };
        using (LoadRig rig = new(slow))
        {
            rig.Run(options);
            // Two batches may wait when a third is sent.
            Assert.Equal(9, rig.Stub.Record.PendingPeak);
            Assert.Equal(3000, rig.Stub.Record.Count);
        }

        using (LoadRig rig = new(slow))
        {
            rig.Run(options with { Qps = -1000 });
            Assert.InRange(rig.Stub.Record.PendingPeak, 1400, 1600);
            Assert.Equal(3000, rig.Stub.Record.Count);
        }
    }

    [Fact]
    public void LatencyCountsFromGenerationAndFromTheIntendedTime()
    {
        // Every second stands still for half of it: what is held back is late by its schedule, not by its sending.
        using LoadRig rig = new(new StubOptions { Delay = new StallingDelay(10_000, 500 * MillisecondNs, 1000 * MillisecondNs) });
        RunResult result = rig.Run(new BenchOptions { Qps = 1000, Requests = 1000, Connections = 1 });
        LatencyHistograms latencies = result.Steps[0].Latencies;
        double actualMs = latencies.Actual.GetMean() / MillisecondNs;
        double intendedMs = latencies.Intended.GetMean() / MillisecondNs;
        Assert.InRange(actualMs, 0, 3);
        Assert.InRange(intendedMs, 120, 130);
    }

    [Fact]
    public void TheWarmUpIsNotCounted()
    {
        using LoadRig rig = new(new StubOptions { Delay = new ConstantDelay(MillisecondNs) });
        RunResult result = rig.Run(new BenchOptions { Qps = 100, TestTime = 1, Requests = 0, Connections = 2, Warmup = 0.5 }, threads: 2);
        PhaseRecord step = Assert.Single(result.Steps);
        Assert.Equal(400, step.Threads.Sum(thread => thread.ReplyCount));
        Assert.Equal(600, rig.Stub.Record.Count);
    }

    [Fact]
    public void RateStepsAreRunOneAfterTheOther()
    {
        using LoadRig rig = new(new StubOptions { Delay = new ConstantDelay(MillisecondNs) });
        RunResult result = rig.Run(new BenchOptions { RateSteps = [50, -100, 200], TestTime = 1, Requests = 0, Connections = 2 });
        Assert.Equal([50, -100, 200], result.Steps.Select(step => step.Qps));
        Assert.Equal([100, 200, 400], result.Steps.Select(step => step.Threads[0].ReplyCount));
        Assert.All(result.Steps, step => Assert.InRange(step.EndNs - step.StartNs, 990 * MillisecondNs, 1010 * MillisecondNs));
        Assert.True(result.Steps[0].EndNs <= result.Steps[1].StartNs);
    }

    [Fact]
    public void VerificationFindsTheOneWrongByte()
    {
        BenchOptions options = new()
        {
            Qps = 0,
            Requests = 2000,
            Connections = 5,
            Verify = true,
            RatioSet = 1,
            RatioGet = 1,
            KeyMaximum = 100,
            ValueBytesMax = 300,
        };
        using (LoadRig rig = new(new StubOptions { KeepsValues = true }))
        {
            ThreadRecorder recorder = rig.Run(options).Steps[0].Threads[0];
            Assert.Empty(recorder.Errors);
            Assert.True(recorder.Hits > 4000);
        }

        using (LoadRig rig = new(new StubOptions { KeepsValues = true, CorruptOneIn = 1000 }))
        {
            ThreadRecorder recorder = rig.Run(options).Steps[0].Threads[0];
            Assert.Equal(rig.Stub.Record.Corrupted, recorder.Errors.Values.Sum());
            Assert.True(rig.Stub.Record.Corrupted >= 4);
            Assert.All(recorder.Errors.Keys, text => Assert.Matches(@"^VERIFY the value of key:\d+ is wrong at byte \d+$", text));
        }
    }

    [Fact]
    public void HitsAreValuesAndMissesAreNulls()
    {
        using LoadRig rig = new(new StubOptions { KeepsValues = true });
        ThreadRecorder recorder = rig.Run(new BenchOptions
        {
            Qps = 0,
            Requests = 1000,
            Connections = 1,
            RatioSet = 1,
            RatioGet = 1,
            KeyMaximum = 2000,
        }).Steps[0].Threads[0];
        long gets = Enumerable.Range(0, 1000).Count(i => !rig.Stub.Record.IsWrite(i));
        Assert.Equal(gets, recorder.Reads);
        Assert.InRange(recorder.Hits, 50, 150);
    }

    [Fact]
    public void ErrorsAreCountedByTheirText()
    {
        using LoadRig rig = new(new StubOptions { ErrorOneIn = 10, ErrorText = "ERR no" });
        RunResult result = rig.Run(new BenchOptions { Qps = 0, Requests = 1000, Connections = 1, Pipeline = 4 });
        Assert.Equal([KeyValuePair.Create("ERR no", 100L)], result.Steps[0].Threads[0].Errors);
        Assert.Equal(1000, result.Steps[0].Threads[0].ReplyCount);
        Assert.Equal("", result.Failure);
    }

    [Fact]
    public void AConnectionThatIsLostEndsTheRun()
    {
        using LoadRig rig = new(new StubOptions { CloseAtRequest = 50 });
        RunResult result = rig.Run(new BenchOptions { Qps = 0, Requests = 1000, Connections = 2 }, threads: 2);
        Assert.Equal("127.0.0.1:40000 closed the connection with 1 requests unanswered", result.Failure);
    }

    [Theory]
    [InlineData("wrong", "127.0.0.1:40000: AUTH: WRONGPASS invalid username-password pair or user is disabled.")]
    [InlineData("", "127.0.0.1:40000: NOAUTH Authentication required.")]
    public void APasswordThatIsRefusedEndsTheRun(string password, string expected)
    {
        using LoadRig rig = new(new StubOptions { Password = "secret" });
        Assert.Equal(expected, rig.Run(new BenchOptions { Password = password }).Failure);
    }

    [Fact]
    public void ARightPasswordIsSentOnEveryConnection()
    {
        using LoadRig rig = new(new StubOptions { Password = "secret" });
        RunResult result = rig.Run(new BenchOptions { Password = "secret", Qps = 0, Requests = 10 });
        Assert.Equal(("", 200L), (result.Failure, rig.Stub.Record.Count));
    }

    [Fact]
    public void NobodyThereEndsTheRun()
    {
        using LoadRig rig = new(new StubOptions());
        RunResult result = rig.Run(new BenchOptions { Port = 5 });
        Assert.Equal("port 5: connect: Connection refused", result.Failure);
    }

    [Theory]
    [InlineData(true, "127.0.0.1:40000 has answered nothing for 10 seconds")]
    [InlineData(false, "127.0.0.1:40000: 20 connections did not come about in 60 seconds")]
    public void AServerThatSaysNothingEndsTheRun(bool isProbed, string expected)
    {
        using LoadRig rig = new(new StubOptions { IsSilent = true });
        BenchProtocol protocol = isProbed ? BenchProtocol.Resp2 : BenchProtocol.MemcacheText;
        Assert.Equal(expected, rig.Run(new BenchOptions { Protocol = protocol }).Failure);
    }

    [Fact]
    public void ConnectOnlyOnlyConnects()
    {
        using LoadRig rig = new(new StubOptions());
        RunResult result = rig.Run(new BenchOptions { ConnectOnly = true, Connections = 200 }, threads: 2);
        Assert.Equal(("", 0L, 400), (result.Failure, rig.Stub.Record.Count, rig.Stub.Record.Connections));
        Assert.Equal(400, rig.Stub.Record.Greetings);
        Assert.Empty(result.Steps);
    }

    [Fact]
    public void WithoutAGreetingConnectionsAreLookedUp()
    {
        using LoadRig rig = new(new StubOptions());
        RunResult result = rig.Run(new BenchOptions { Greet = false, Connections = 100, Requests = 3, Qps = 0 });
        Assert.Equal(("", 300L, 1L), (result.Failure, rig.Stub.Record.Count, rig.Stub.Record.Greetings - 1));
    }

    [Fact]
    public void NobodyBeginsBeforeAllConnectionsOfAllThreadsStand()
    {
        using LoadRig rig = new(new StubOptions());
        RunResult result = rig.Run(new BenchOptions { Greet = false, Connections = 300, Requests = 3, Qps = 0 }, threads: 2);
        Assert.Equal(("", 1800L, 601), (result.Failure, rig.Stub.Record.Count, rig.Stub.Record.Connections));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AConnectionWhoseRequestsAreAllRedirectedGoesOn(int pipeline)
    {
        using LoadRig rig = new(new StubOptions());
        StubServer moved = rig.Add(new StubOptions
        {
            MovedTo = $"127.0.0.1:{rig.Stub.Port}",
            ClusterNodes = port => $"a 127.0.0.1:{port}@1 myself,master - 0 0 1 connected 0-16383\n",
        });
        RunResult result = rig.Run(new BenchOptions { Port = moved.Port, Qps = 0, Requests = 60, Connections = 2, Pipeline = pipeline });
        Assert.Equal(("", 120L, 120L), (result.Failure, result.Steps[0].Replies, rig.Stub.Record.Count));
        Assert.Empty(result.Steps[0].Errors);
        Assert.Equal(2, result.Steps[0].Connections);
    }

    [Fact]
    public void TheSameSeedSendsTheSameOnEachConnection()
    {
        string[][] runs = new string[2][];
        for (int i = 0; i < 2; i++)
        {
            using LoadRig rig = new(new StubOptions { KeepsRequests = true, Delay = new ConstantDelay(1000 * (i + 1)) }, seed: (ulong)i + 1);
            rig.Run(new BenchOptions { Qps = 0, Requests = 50, Connections = 4 }, threads: 2);
            StubRecord record = rig.Stub.Record;
            string[] sent = [.. record.Requests.Select(request => string.Join(' ', request))];
            runs[i] = [.. sent.Order(StringComparer.Ordinal)];
        }

        Assert.Equal(runs[0], runs[1]);
    }
}
