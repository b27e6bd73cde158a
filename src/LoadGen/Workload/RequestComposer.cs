using Anax.Core.Text;
using Anax.LoadGen.Cluster;

namespace Anax.LoadGen.Workload;

/// <summary>
/// Writes the requests of one connection, from its own sequence of random numbers: the same seed gives the same
/// requests on the same connection, whatever the others do.
/// </summary>
internal sealed class RequestComposer
{
    /// <summary>"0." and eight digits.</summary>
    public const int ScoreBytes = 10;

    private const ulong ScoreRange = 100_000_000;

    private readonly LoadPlan _plan;
    private readonly KeySource _keys;
    private readonly ClusterKeys? _cluster;
    private FastRandom _random;

    public RequestComposer(LoadPlan plan, int connection, KeySource keys, ClusterKeys? cluster)
    {
        (_plan, _keys, _cluster) = (plan, keys, cluster);
        ulong state = plan.Options.Seed + (ulong)connection;
        _random = new FastRandom(FastRandom.Split(ref state));
    }

    public bool IsClustered => _cluster is not null;

    /// <summary>The command that comes next, by the weights.</summary>
    public int NextCommand() => _plan.Pick(ref _random);

    /// <summary>The number of the request's first key; 0 where it has none.</summary>
    public ulong NextKey(CommandTemplate template)
    {
        if (template.Keys.Length == 0) return 0;
        return _cluster is null ? _keys.Next(ref _random) : _cluster.Next(template.Keys[0], _keys, ref _random);
    }

    /// <summary>Writes one request whose first key has the number; returns its length.</summary>
    public int Compose(CommandTemplate template, ulong key, Span<byte> target)
    {
        _cluster?.BeginRequest(key);
        int used = 0;
        int length = _plan.Options.ValueBytesMin;
        bool isFirst = true;
        foreach (Step step in template.Steps)
        {
            Span<byte> rest = target[used..];
            switch (step.Kind)
            {
                case StepKind.Literal:
                    template.Literals.AsSpan(step.Start, step.Length).CopyTo(rest);
                    used += step.Length;
                    break;
                case StepKind.Key or StepKind.KeyArgument:
                    if (!isFirst) key = _keys.Next(ref _random);
                    isFirst = false;
                    used += ComposeKey(template.Keys[step.Start], step.Kind == StepKind.KeyArgument, key, rest);
                    break;
                case StepKind.ValueLength:
                    length = _plan.Values.NextLength(key, ref _random);
                    used += Numbers.FormatLong(length + step.Length, rest);
                    break;
                case StepKind.Value:
                    _plan.Values.Fill(key, rest[..length], ref _random);
                    used += length;
                    break;
                case StepKind.Score:
                    used += ComposeScore(rest);
                    break;
            }
        }

        return used;
    }

    private int ComposeKey(KeyArgument argument, bool hasHeader, ulong key, Span<byte> target)
    {
        if (_cluster is { AddsTags: true }) return _cluster.ComposeTagged(argument, key, target);
        ReadOnlySpan<byte> header = hasHeader ? argument.Header(Digits.Count(key)) : argument.Prefix;
        header.CopyTo(target);
        return header.Length + Digits.Write(key, target[header.Length..]);
    }

    private int ComposeScore(Span<byte> target)
    {
        ulong digits = _random.Below(ScoreRange);
        target[0] = (byte)'0';
        target[1] = (byte)'.';
        for (int i = ScoreBytes - 1; i > 1; i--, digits /= 10) target[i] = (byte)('0' + digits % 10);
        return ScoreBytes;
    }
}
