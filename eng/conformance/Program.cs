using Anax.Conformance;

// usage: Conformance --valkey FOLDER --anax BINARY [--ci] [--accept] [--list] [--server valkey] [--threads N]
// [unit ...]
Options options;
try
{
    options = Options.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
var expectations = new Expectations(options.ListFolder);
if (options.List)
    return Listing.Print(expectations);

var reports = new List<UnitReport>();
var total = new Verdict();
foreach (var unit in options.Units(expectations))
{
    // What is known to fail is tried when a person asks, for it may pass by now; the daily run leaves it out.
    var skipped = options.IsCi ? expectations.LeftOut(unit.Name) : [];
    var report = new UnitRun(unit, options.Run).Execute(skipped);
    var verdict = Verdict.Of(report, expectations, options.IsCi);
    if (options.IsCi && verdict.Failures.Count > 0)
    {
        Console.WriteLine($"{unit.Name}: {verdict.Failures.Count} failed, once more ...");
        report = new UnitRun(unit, options.Run).Execute(skipped);
        verdict = Verdict.Of(report, expectations, options.IsCi);
    }
    verdict.Print(report, options.IsVerbose);
    reports.Add(report);
    total.Add(verdict);
}
if (options.IsAccepting)
    expectations.Accept(reports);
return total.PrintTotal();
