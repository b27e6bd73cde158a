using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Anax.Engine.Transactions;

/// <summary>The result of a coordinator that only writes its reply.</summary>
public readonly struct Nothing;

/// <summary>Whatever goes on when something it waits for is there. Resumed only by its own loop.</summary>
public abstract class Waiter
{
    internal abstract void Resume();
}

/// <summary>What a coordinator may await. The builder demands it, so awaiting a Task is a compile error (CS0315).</summary>
public interface ILoopAwaiter : ICriticalNotifyCompletion
{
    EngineLoop Loop { get; }

    void Attach(Waiter waiter);
}

/// <summary>
/// The task-like type of coordinators: no Task, no thread pool, no execution context. One that completes at once
/// touches no heap; one that waits keeps its state in a box that its loop pools. Await it once, or attach a waiter once.
/// </summary>
[AsyncMethodBuilder(typeof(CoBuilder<>))]
public readonly struct Co<T>
{
    private readonly CoBox<T>? _box;
    private readonly T _value;
    private readonly int _version;

    internal Co(CoBox<T>? box, T value)
    {
        _box = box;
        _value = value;
        _version = box?.Version ?? 0;
    }

    public Awaiter GetAwaiter() => new(_box, _value, _version);

    public readonly struct Awaiter : ILoopAwaiter
    {
        private readonly CoBox<T>? _box;
        private readonly T _value;
        private readonly int _version;

        internal Awaiter(CoBox<T>? box, T value, int version)
        {
            _box = box;
            _value = value;
            _version = version;
        }

        public EngineLoop Loop => _box!.Loop;
        public bool IsCompleted => _box is null || _box.Done;

        public T GetResult() => _box is null ? _value : _box.Take(_version);

        public void Attach(Waiter waiter) => _box!.Outer = waiter;

        public void OnCompleted(Action continuation) => throw CoBox.NotByAction();

        public void UnsafeOnCompleted(Action continuation) => throw CoBox.NotByAction();
    }
}

/// <summary>Where a suspended coordinator lives. Its version refuses a second use.</summary>
internal abstract class CoBox : Waiter
{
    internal EngineLoop Loop = null!;

    /// <summary>While running: who waits for the result. </summary>
    internal Waiter? Outer;

    /// <summary>While pooled: the next free box of this kind.</summary>
    internal CoBox? NextFree;
    internal int Version;

    internal static InvalidOperationException NotByAction() => new("coordinators are resumed by their loop only");
}

internal abstract class CoBox<T> : CoBox
{
    private T _value = default!;
    private ExceptionDispatchInfo? _error;

    internal bool Done { get; private set; }

    internal void Complete(T value, Exception? error)
    {
        _value = value;
        _error = error is null ? null : ExceptionDispatchInfo.Capture(error);
        Done = true;
        Outer?.Resume();
    }

    internal T Take(int version)
    {
        if (version != Version) throw new InvalidOperationException("a coordinator's result was taken twice");
        T value = _value;
        ExceptionDispatchInfo? error = _error;
        (_value, _error, Done, Outer) = (default!, null, false, null);
        Version++;
        Recycle();
        error?.Throw();
        return value;
    }

    protected abstract void Recycle();
}

internal sealed class CoBox<T, TStateMachine> : CoBox<T> where TStateMachine : IAsyncStateMachine
{
    internal TStateMachine Machine = default!;

    internal static CoBox<T, TStateMachine> Rent(EngineLoop loop) =>
        loop.Boxes.Take<CoBox<T, TStateMachine>>() ?? new CoBox<T, TStateMachine> { Loop = loop };

    internal override void Resume() => Machine.MoveNext();

    protected override void Recycle()
    {
        Machine = default!;
        Loop.Boxes.Give(this);
    }
}

/// <summary>Carries the error of a coordinator that failed before it first waited.</summary>
internal sealed class FaultBox<T> : CoBox<T>
{
    internal override void Resume() { }

    protected override void Recycle() { }
}

/// <summary>The compiler's side of <see cref="Co{T}"/>. The loop, and so the pool, comes from the awaiter.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1000", Justification = "The compiler calls Create by name.")]
public struct CoBuilder<T>
{
    private CoBox<T>? _box;
    private T _value;

    public static CoBuilder<T> Create() => default;

    public readonly Co<T> Task => new(_box, _value);

    public readonly void Start<TStateMachine>(ref TStateMachine machine) where TStateMachine : IAsyncStateMachine =>
        machine.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine machine) => _ = machine;

    public void SetResult(T value)
    {
        if (_box is null) _value = value;
        else _box.Complete(value, null);
    }

    public void SetException(Exception error) => (_box ??= new FaultBox<T>()).Complete(default!, error);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine machine)
        where TAwaiter : struct, ILoopAwaiter where TStateMachine : IAsyncStateMachine =>
        AwaitUnsafeOnCompleted(ref awaiter, ref machine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine machine)
        where TAwaiter : struct, ILoopAwaiter where TStateMachine : IAsyncStateMachine
    {
        CoBox<T>? box = _box;
        if (box is null)
        {
            CoBox<T, TStateMachine> home = CoBox<T, TStateMachine>.Rent(awaiter.Loop);
            _box = box = home;      // before the copy: the copied builder must know its box
            home.Machine = machine;
        }
        awaiter.Attach(box);
    }
}

/// <summary>A loop's free boxes, by kind. One list per state machine type.</summary>
internal sealed class BoxPool
{
    private readonly Dictionary<Type, CoBox?> _free = [];

    internal TBox? Take<TBox>() where TBox : CoBox
    {
        if (!_free.TryGetValue(typeof(TBox), out CoBox? box) || box is null) return null;
        _free[typeof(TBox)] = box.NextFree;
        box.NextFree = null;
        return (TBox)box;
    }

    internal void Give<TBox>(TBox box) where TBox : CoBox
    {
        _free.TryGetValue(typeof(TBox), out CoBox? next);
        box.NextFree = next;
        _free[typeof(TBox)] = box;
    }
}
