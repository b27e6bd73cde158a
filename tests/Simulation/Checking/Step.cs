using System.Globalization;

namespace Anax.Tests.Simulation.Checking;

/// <summary>What the recorded commands do; the spelling on the wire is <see cref="Step.ToCommand"/>'s.</summary>
public enum Verb
{
    Get, Set, SetNx, GetSet, GetDel, Del, Exists, Incr, IncrBy, Append, MGet, MSet, MSetNx, Rename, Copy,
}

/// <summary>
/// One command of an operation, with its answer: one text per value (null for a nil), an error as its whole line.
/// No answer at all means that it is not known, because the connection died.
/// </summary>
public sealed record Step(Verb Verb, string[] Keys, string[] Values)
{
    public string?[]? Result { get; init; }

    public static Step Get(string key) => new(Verb.Get, [key], []);
    public static Step Set(string key, string value) => new(Verb.Set, [key], [value]);
    public static Step SetNx(string key, string value) => new(Verb.SetNx, [key], [value]);

    /// <summary>SET key value GET: what the key held before.</summary>
    public static Step GetSet(string key, string value) => new(Verb.GetSet, [key], [value]);
    public static Step GetDel(string key) => new(Verb.GetDel, [key], []);
    public static Step Del(params string[] keys) => new(Verb.Del, keys, []);
    public static Step Exists(params string[] keys) => new(Verb.Exists, keys, []);
    public static Step Incr(string key) => new(Verb.Incr, [key], []);
    public static Step IncrBy(string key, long by) => new(Verb.IncrBy, [key], [by.ToString(CultureInfo.InvariantCulture)]);
    public static Step Append(string key, string text) => new(Verb.Append, [key], [text]);
    public static Step MGet(params string[] keys) => new(Verb.MGet, keys, []);
    public static Step MSet(string[] keys, string[] values) => new(Verb.MSet, keys, values);
    public static Step MSetNx(string[] keys, string[] values) => new(Verb.MSetNx, keys, values);
    public static Step Rename(string from, string to) => new(Verb.Rename, [from, to], []);

    /// <summary>COPY from to REPLACE.</summary>
    public static Step Copy(string from, string to) => new(Verb.Copy, [from, to], []);

    public Step Answered(string? value) => this with { Result = [value] };

    public Step Answered(string? one, string? other) => this with { Result = [one, other] };

    public Step AnsweredAll(string?[] values) => this with { Result = values };

    public Step Unanswered() => this with { Result = null };

    /// <summary>The arguments that go over the wire.</summary>
    public string[] ToCommand() => Verb switch
    {
        Verb.GetSet => ["SET", Keys[0], Values[0], "GET"],
        Verb.Copy => ["COPY", Keys[0], Keys[1], "REPLACE"],
        Verb.MSet or Verb.MSetNx => [Name, .. Keys.SelectMany((key, i) => new[] { key, Values[i] })],
        _ => [Name, .. Keys, .. Values],
    };

    public override string ToString()
    {
        string answer = Result is null ? "?" : string.Join(' ', Result.Select(r => r ?? "nil"));
        return $"{string.Join(' ', ToCommand())} → {answer}";
    }

    private string Name => Verb.ToString().ToUpperInvariant();
}
