using System.Text;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// One Lua 5.1 state with its own C stack, for one run after another: one of the Start methods, then <see cref="Resume"/>
/// until the status says Done or Error. It gives the thread back when it asks for a command and when its slice is over.
/// </summary>
/// <remarks>
/// One thread at a time. Spans that it hands out end with the next call. Suspended scripts may be left alone; one that
/// must end is killed and resumed, from when on every instruction of it fails.
/// </remarks>
public sealed unsafe class LuaScript : IDisposable
{
    /// <summary>Touched pages alone cost memory; 1.9 MiB is what nested callbacks reach at Lua's limit.</summary>
    private const int StackBytes = 4 << 20;

    private LuaShim.Head* _script;

    private LuaScript(LuaShim.Head* script) => _script = script;

    public LuaAsk Ask => (LuaAsk)_script->Ask;
    public int ArgumentCount => (int)_script->ArgumentCount;

    /// <summary>Done: the reply as RESP, nothing for a compilation or a load. Error: the error's text, code first.</summary>
    public ReadOnlySpan<byte> Output => new(_script->Output, (int)_script->OutputLength);

    /// <summary>The error, ended with or returned, is one of a command, in whose statistics it stands already.</summary>
    public bool ErrorCounted => _script->ErrorCounted != 0;

    public long MemoryUsed => (long)_script->MemoryUsed;
    public long MemoryPeak => (long)_script->MemoryPeak;

    /// <summary>The version of RESP that replies to this script's commands are written in.</summary>
    public int Resp => (int)_script->Resp;

    /// <summary>
    /// Null when there is no memory for it. Where <paramref name="lookNanoseconds"/> is not 0, no clock is read: each look
    /// that a run takes moves one of its own by so much. The seed is math.random's until a script sets another.
    /// </summary>
    public static LuaScript? Create(long memoryMax, long sliceNanoseconds, uint seed, long lookNanoseconds = 0)
    {
        LuaShim.Head* script = LuaShim.New((nuint)memoryMax, StackBytes, (ulong)sliceNanoseconds, (ulong)lookNanoseconds, seed);
        return script == null ? null : new LuaScript(script);
    }

    /// <summary>
    /// Runs a chunk with KEYS and ARGV, which are copied before this returns. Chunks of one <paramref name="id"/> are the
    /// same: it is compiled once.
    /// </summary>
    public LuaStatus Start(
        ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> id, int resp,
        int keys, ReadOnlySpan<nint> arguments, ReadOnlySpan<nuint> lengths)
    {
        LuaShim.Run run = new() { Kind = LuaShim.RunKind.Script, Resp = resp, KeyCount = keys };
        return Start(ref run, chunk, id, arguments, lengths);
    }

    /// <summary>Compiles the chunk and keeps it for <see cref="Start(ReadOnlySpan{byte}, ReadOnlySpan{byte}, int, int,
    /// ReadOnlySpan{nint}, ReadOnlySpan{nuint})"/>: Done or Error.</summary>
    public LuaStatus Compile(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> id)
    {
        LuaShim.Run run = new() { Kind = LuaShim.RunKind.Compile };
        return Start(ref run, chunk, id, default, default);
    }

    /// <summary>
    /// Loads a library: runs its code, which asks <see cref="LuaAsk.Register"/> for each function. Ids are positive and
    /// code that differs has another id.
    /// </summary>
    public LuaStatus StartLibrary(ReadOnlySpan<byte> code, long id, long timeoutNanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(id);
        LuaShim.Run run = new() { Kind = LuaShim.RunKind.Library, LibraryId = id, LoadNanoseconds = (ulong)timeoutNanoseconds };
        return Start(ref run, code, default, default, default);
    }

    /// <summary>
    /// Calls a library's function with keys and arguments, which are copied before this returns. The state loads the
    /// library first, and asks for nothing then, if it does not hold it.
    /// </summary>
    public LuaStatus StartFunction(
        ReadOnlySpan<byte> code, long library, ReadOnlySpan<byte> function, int resp,
        int keys, ReadOnlySpan<nint> arguments, ReadOnlySpan<nuint> lengths)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(library);
        LuaShim.Run run = new() { Kind = LuaShim.RunKind.Function, LibraryId = library, Resp = resp, KeyCount = keys };
        return Start(ref run, code, function, arguments, lengths);
    }

    /// <summary>Goes on: with a reply, which is copied, when the script asked for one.</summary>
    public LuaStatus Resume(ReadOnlySpan<byte> reply)
    {
        fixed (byte* bytes = reply) return (LuaStatus)LuaShim.Resume(_script, bytes, (nuint)reply.Length);
    }

    public ReadOnlySpan<byte> Argument(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ArgumentCount);
        return new(_script->Arguments[index], (int)_script->ArgumentLengths[index]);
    }

    /// <summary>From now on every instruction fails; the script has to be resumed for that.</summary>
    public void Kill() => _script->Kill = 1;

    public void Dispose()
    {
        if (_script != null) LuaShim.Free(_script);
        _script = null;
    }

    public override string ToString() => Encoding.Latin1.GetString(Output);

    private LuaStatus Start(
        ref LuaShim.Run run, ReadOnlySpan<byte> code, ReadOnlySpan<byte> id,
        ReadOnlySpan<nint> arguments, ReadOnlySpan<nuint> lengths)
    {
        fixed (LuaShim.Run* parameters = &run)
        fixed (byte* source = code, name = id)
        fixed (nint* addresses = arguments)
        fixed (nuint* sizes = lengths)
        {
            parameters->Code = source;
            parameters->CodeLength = (nuint)code.Length;
            parameters->Id = name;
            parameters->IdLength = (nuint)id.Length;
            parameters->ArgumentCount = arguments.Length;
            parameters->Arguments = addresses;
            parameters->ArgumentLengths = sizes;
            return (LuaStatus)LuaShim.Start(_script, parameters);
        }
    }
}
