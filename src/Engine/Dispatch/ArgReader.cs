using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>
/// Reads a command's arguments in order with a latched outcome: read everything, check <see cref="Failed"/> once
/// at the end; after the first failure each further read gives a default.
/// </summary>
public ref struct ArgReader(Arguments args, int first = 1)
{
    private readonly Arguments _args = args;
    private int _next = first;

    /// <summary>The first failure, or Ok.</summary>
    public Outcome Outcome { get; private set; } = Outcome.Ok;

    public readonly bool HasNext => _next < _args.Count && Outcome == Outcome.Ok;
    public readonly int Index => _next;
    public readonly int Left => _args.Count - _next;

    public ReadOnlySpan<byte> Next()
    {
        if (_next < _args.Count) return _args[_next++];
        Fail(Outcome.Syntax);
        return default;
    }

    public Key NextKey()
    {
        if (_next < _args.Count) return _args.Key(_next++);
        Fail(Outcome.Syntax);
        return default;
    }

    public long NextLong()
    {
        if (!Numbers.TryParseLong(Next(), out long value)) Fail(Outcome.NotInteger);
        return value;
    }

    /// <summary>Consumes the next argument if it is this word in any case (<paramref name="upper"/> in upper case).</summary>
    public bool Check(ReadOnlySpan<byte> upper)
    {
        if (!HasNext || !Ascii.EqualsIgnoreCase(_args[_next], upper)) return false;
        _next++;
        return true;
    }

    public void Fail(Outcome outcome)
    {
        if (Outcome == Outcome.Ok) Outcome = outcome;
    }

    public readonly bool Failed(out Outcome outcome)
    {
        outcome = Outcome;
        return outcome != Outcome.Ok;
    }
}
