using System.Text;
using System.Xml.Linq;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Output;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>The HTML page: whole in itself, escaped, and with every chart.</summary>
public sealed class ReportFileTests
{
    private static readonly MachineFacts Machine = new("Fast & Sons", 2, 1, "a <system>", "1 GiB");

    [Fact]
    public void TheCommandStandsThereAsItWasGiven()
    {
        RunResult result = Records.Result(Records.Phase());
        XElement page = Parsed(result);
        Assert.Equal(result.CommandLine, page.Descendants("pre").Single().Value.Trim());
        Assert.Equal("anax-bench: redis 7.4.0 at localhost:6379", page.Descendants("h1").Single().Value);
        string[] facts = [.. page.Descendants("dd").Select(fact => fact.Value)];
        Assert.Equal(
            ["redis 7.4.0", Machine.ToString(), "anax-bench 0.1.0, event loop Epoll", "threads 1, connections 10 per thread"], facts);
        Assert.Contains(page.Descendants("p"), p => p.Value == "2026-03-01 12:30:00 UTC");
    }

    [Fact]
    public void AClosedLoopHasItsCharts() =>
        Assert.Equal(["Throughput over time", "Latency over time", "Latency by percentile", "Latencies"],
            Charts(Parsed(Records.Result(Records.Phase()))));

    [Fact]
    public void StepsHaveTheCurveOfLatencyAgainstLoad()
    {
        XElement page = Parsed(Records.Result(
            Records.Phase("100 per second", 100), Records.Phase("200 per second", 200, startNs: 8 * Records.SecondNs)));
        Assert.Equal(
            ["Latency against load", "Throughput over time", "Latency over time", "Latency by percentile",
                "Latencies at 100 per second", "Latencies at 200 per second"], Charts(page));
    }

    [Fact]
    public void NothingIsLoadedFromElsewhere()
    {
        string text = ReportFile.Page(Records.Result(Records.Phase(qps: 100)), Machine);
        Assert.DoesNotContain("http", text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", text, StringComparison.Ordinal);
        XElement page = XDocument.Parse(text).Root!;
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName is "src" or "href");
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "link" or "iframe" or "img");
    }

    [Fact]
    public void TheClientIsWarnedOfOnlyWhereItWasTheLimit()
    {
        Assert.Empty(Alarms(Parsed(Records.Result(Records.Phase(busyShare: 0.9)))));
        string alarm = Assert.Single(Alarms(Parsed(Records.Result(Records.Phase(busyShare: 0.99)))));
        Assert.Contains("load thread 0 was busy 99 % of the time", alarm, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyARunBrokeOffAndItsErrorsAreShown()
    {
        PhaseRecord phase = new("run", 0, isMeasured: true, Records.StartNs, threads: 1);
        phase.Threads[0].Error(Encoding.UTF8.GetBytes("ERR <b> & \u0007"));
        XElement page = Parsed(Records.Result(phase) with { Failure = "the <server> left" });
        Assert.Contains("the <server> left", Assert.Single(Alarms(page)), StringComparison.Ordinal);
        Assert.Contains(page.Descendants("td"), cell => cell.Value == "ERR <b> & ?");
    }

    [Fact]
    public void ARunWithoutStepsIsAPageToo() => Assert.Empty(Charts(Parsed(Records.Result())));

    private static XElement Parsed(RunResult result) => XDocument.Parse(ReportFile.Page(result, Machine)).Root!;

    private static IEnumerable<string> Alarms(XElement page) =>
        page.Descendants("p").Where(p => (string?)p.Attribute("class") == "alarm").Select(p => p.Value);

    private static IEnumerable<string> Charts(XElement page)
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        return page.Descendants("figure").Select(figure => figure.Element(svg + "svg")!.Element(svg + "title")!.Value.Trim());
    }
}
