using Anax.Core.Text;
using Anax.Engine.Transactions;
using Anax.Runtime;

namespace Anax.Scripting;

/// <summary>Runs a library's code, which registers its functions, and checks what it registered.</summary>
internal sealed class LibraryLoad(ScriptHost host)
{
    private const long TimeoutNs = 500_000_000;

    private readonly ScriptHost _host = host;
    private readonly List<LibraryFunction> _functions = [];

    /// <summary>The error to answer, where there was one.</summary>
    internal string? Error { get; set; }
    internal FunctionChange Change { get; private set; } = new();

    /// <summary>
    /// Loads one library into a change. Those that are there already are looked at only where nothing is replaced: so an
    /// error in the code comes behind that of a name, as it does elsewhere.
    /// </summary>
    internal async Co<bool> Run(Coordinator tx, byte[] code, FunctionChange change, bool replaces)
    {
        Change = change;
        _functions.Clear();
        Error = Shebang.ReadLibrary(code, out string name, out int start);
        if (Error is not null) return false;
        bool exists = change.Added.Exists(library => library.Name == name) || !replaces && _host.Functions.FindLibrary(name) is not null;
        if (exists)
        {
            Error = $"Library '{name}' already exists";
            return false;
        }
        long id = tx.Loop.NextTransactionId();
        if (_host.Rent() is not { } run)
        {
            Error = "not enough memory for another Lua state";
            return false;
        }
        run.LoadsLibrary();
        LuaStatus status = run.Lua.StartLibrary(code.AsSpan(start), id, TimeoutNs);
        while (status is LuaStatus.Call or LuaStatus.Yield)
        {
            if (status == LuaStatus.Yield) await tx.Yield();
            else Answer(run.Lua);
            status = run.Lua.Resume(default);
        }
        if (status == LuaStatus.Error) Error = Ascii.Decode(run.Lua.Output[(run.Lua.Output.IndexOf((byte)' ') + 1)..]);
        _host.Return(run);
        Error ??= Check(change);
        if (Error is not null) return false;
        change.Added.Add(new Library { Id = id, Name = name, Code = code, CodeStart = start, Functions = [.. _functions] });
        return true;
    }

    private void Answer(LuaScript lua)
    {
        if (lua.Ask == LuaAsk.Log)
        {
            _host.Log.Write(lua.Argument(0)[0] - '0', lua.Argument(1));
            return;
        }
        byte[] name = lua.Argument(0).ToArray();
        _ = Numbers.TryParseInt(lua.Argument(1), out int flags);
        byte[]? description = lua.ArgumentCount > 2 ? lua.Argument(2).ToArray() : null;
        _functions.Add(new LibraryFunction(Ascii.Decode(name), name, (ScriptFlags)flags, description));
    }

    private string? Check(FunctionChange change)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (LibraryFunction function in _functions)
        {
            if (!Shebang.IsName(function.Name))
                return "Function names can only contain letters, numbers, or underscores(_) and must be at least one character long";
            if (!names.Add(function.Name)) return "Function already exists in the library";
        }
        if (_functions.Count == 0) return "No functions registered";
        foreach (LibraryFunction function in _functions)
            if (change.Added.Exists(library => library.Has(function.Name))) return $"Function {function.Name} already exists";
        return null;
    }
}
