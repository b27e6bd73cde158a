using System.Runtime.InteropServices;
using System.Text;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// One Lua 5.1 state with its own C stack, for one run after another: <see cref="Start"/>, then <see cref="Resume"/> until
/// the status says Done or Error. It gives the thread back when it asks for a command and when its slice of time is over.
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
    public ReadOnlySpan<byte> Output => new(_script->Output, (int)_script->OutputLength);

    /// <summary>Where it failed, as Lua names the chunk; empty when it did not fail in Lua code.</summary>
    public ReadOnlySpan<byte> Source => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(_script->Source);
    public long Line => _script->Line;

    public long MemoryUsed => (long)_script->MemoryUsed;
    public long MemoryPeak => (long)_script->MemoryPeak;

    /// <summary>The version of RESP that replies to this script's commands are written in.</summary>
    public int Resp => (int)_script->Resp;

    /// <summary>Null when there is no memory for it.</summary>
    public static LuaScript? Create(long memoryMax, long sliceNanoseconds)
    {
        LuaShim.Head* script = LuaShim.New((nuint)memoryMax, StackBytes, (ulong)sliceNanoseconds);
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
        fixed (byte* source = chunk, name = id)
        fixed (nint* addresses = arguments)
        fixed (nuint* sizes = lengths)
        {
            return (LuaStatus)LuaShim.Start(
                _script, source, (nuint)chunk.Length, name, (nuint)id.Length, resp,
                keys, arguments.Length, addresses, sizes);
        }
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
}
