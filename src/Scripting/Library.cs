using Anax.Runtime;

namespace Anax.Scripting;

/// <summary>A function as its library registered it.</summary>
internal sealed record LibraryFunction(string Name, byte[] NameBytes, ScriptFlags Flags, byte[]? Description);

/// <summary>A library of functions as it was loaded, shared by all loops: nothing of it ever changes.</summary>
internal sealed class Library
{
    /// <summary>Code that differs has another id.</summary>
    internal required long Id { get; init; }
    internal required string Name { get; init; }
    internal required byte[] Code { get; init; }
    internal required int CodeStart { get; init; }
    internal required LibraryFunction[] Functions { get; init; }

    internal bool Has(string function) => Array.Exists(Functions, f => string.Equals(f.Name, function, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A function that a loop can call.</summary>
internal sealed class KnownFunction(Library library, LibraryFunction function) : Known
{
    internal Library Library { get; } = library;
    internal LibraryFunction Function { get; } = function;
    internal override byte[] Name => Function.NameBytes;
    internal override ScriptFlags Flags => Function.Flags;

    internal override Known? On(ScriptHost host) => host.Functions.Find(Function.Name) is { } known && known.Library == Library ? known : null;

    internal override LuaStatus Start(LuaScript lua, int resp, int keys, ReadOnlySpan<nint> arguments, ReadOnlySpan<nuint> lengths) =>
        lua.StartFunction(Library.Code.AsSpan(Library.CodeStart), Library.Id, Function.NameBytes, resp, keys, arguments, lengths);
}
