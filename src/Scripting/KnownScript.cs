using Anax.Runtime;

namespace Anax.Scripting;

/// <summary>A script as it was sent, shared by all loops: nothing of it ever changes.</summary>
internal sealed class ScriptSource
{
    internal required byte[] Body { get; init; }

    /// <summary>Where Lua begins to read: at the end of the first line where that one is for us.</summary>
    internal required int CodeStart { get; init; }
    internal required ScriptFlags Flags { get; init; }
    internal required Sha1Digest Digest { get; init; }
    internal required byte[] Sha { get; init; }

    /// <summary>How many times all scripts had been forgotten when it came.</summary>
    internal required long Epoch { get; init; }

    internal ReadOnlySpan<byte> Code => Body.AsSpan(CodeStart);
}

/// <summary>What one loop knows of a script or a function that can be run.</summary>
internal abstract class Known
{
    /// <summary>A script's digest, a function's name.</summary>
    internal abstract byte[] Name { get; }
    internal abstract ScriptFlags Flags { get; }

    /// <summary>A run of it has ended.</summary>
    internal bool IsProven { get; set; }

    /// <summary>A run of it has needed keys that it does not declare.</summary>
    internal bool IsStraying { get; set; }

    /// <summary>What another loop knows of the same; null when it does not know it.</summary>
    internal abstract Known? On(ScriptHost host);

    internal abstract LuaStatus Start(LuaScript lua, int resp, int keys, ReadOnlySpan<nint> arguments, ReadOnlySpan<nuint> lengths);
}

/// <summary>A script in a loop's cache.</summary>
internal sealed class KnownScript(ScriptSource source) : Known
{
    internal ScriptSource Source { get; } = source;
    internal override byte[] Name => Source.Sha;
    internal override ScriptFlags Flags => Source.Flags;

    /// <summary>Every loop has it by now.</summary>
    internal bool IsUsable { get; set; }

    /// <summary>SCRIPT LOAD brought it: it is never evicted.</summary>
    internal bool IsLoaded { get; set; }
    internal long LastUseNs { get; set; }
    internal ulong BodyHash { get; init; }

    /// <summary>The next one whose body has the same hash.</summary>
    internal KnownScript? NextOfHash { get; set; }

    internal override Known? On(ScriptHost host) => host.Scripts.Find(Source.Digest);

    internal override LuaStatus Start(LuaScript lua, int resp, int keys, ReadOnlySpan<nint> arguments, ReadOnlySpan<nuint> lengths) =>
        lua.Start(Source.Code, Source.Sha, resp, keys, arguments, lengths);
}
