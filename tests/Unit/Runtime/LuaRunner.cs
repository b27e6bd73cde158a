using System.Runtime.InteropServices;
using System.Text;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>One script state for a test: runs sources to their end and keeps what they asked for.</summary>
internal sealed class LuaRunner(LuaScript script) : IDisposable
{
    private const long MemoryMax = 32 << 20;
    public const long SliceNanoseconds = 1_000_000;

    private int _next;

    public LuaRunner(long memoryMax = MemoryMax) : this(LuaScript.Create(memoryMax, SliceNanoseconds, 7)!)
    {
    }

    public LuaScript Script { get; } = script;

    /// <summary>What calls are answered with, as RESP.</summary>
    public string Reply { get; set; } = "+OK\r\n";
    public List<string[]> Registered { get; } = [];
    public List<string[]> Logged { get; } = [];

    public void Dispose() => Script.Dispose();

    public LuaStatus Start(string source, int resp = 2) =>
        Script.Start(Encoding.Latin1.GetBytes(source), Encoding.ASCII.GetBytes($"id{_next++}"), resp, 0, [], []);

    public string Run(string source, LuaStatus expected = LuaStatus.Done, int resp = 2) => Expect(expected, Start(source, resp));

    public LuaStatus Load(string code, long id, long timeoutNanoseconds = 500_000_000) =>
        Finish(Script.StartLibrary(Encoding.Latin1.GetBytes(code), id, timeoutNanoseconds));

    public LuaStatus StartFunction(string code, long id, string function, int keys = 0, params string[] arguments)
    {
        nint[] addresses = [.. arguments.Select(argument => Marshal.StringToHGlobalAnsi(argument))];
        nuint[] lengths = [.. arguments.Select(argument => (nuint)argument.Length)];
        LuaStatus status = Script.StartFunction(
            Encoding.Latin1.GetBytes(code), id, Encoding.ASCII.GetBytes(function), 2, keys, addresses, lengths);
        foreach (nint address in addresses) Marshal.FreeHGlobal(address);
        return status;
    }

    public string Expect(LuaStatus expected, LuaStatus status)
    {
        status = Finish(status);
        Assert.True(expected == status, $"{status}: {Script}");
        return Script.ToString();
    }

    public LuaStatus Finish(LuaStatus status)
    {
        while (status is LuaStatus.Yield or LuaStatus.Call) status = Step(status);
        return status;
    }

    /// <summary>One resume, with the answer to what the script asked for.</summary>
    public LuaStatus Step(LuaStatus status)
    {
        if (status == LuaStatus.Yield) return Script.Resume(default);
        if (Script.Ask == LuaAsk.Register) Registered.Add(Arguments());
        if (Script.Ask == LuaAsk.Log) Logged.Add(Arguments());
        return Script.Resume(Encoding.Latin1.GetBytes(Reply));
    }

    public string[] Arguments() =>
        [.. Enumerable.Range(0, Script.ArgumentCount).Select(i => Encoding.Latin1.GetString(Script.Argument(i)))];
}
