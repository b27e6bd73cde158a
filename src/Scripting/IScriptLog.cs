namespace Anax.Scripting;

/// <summary>Where redis.log writes to; any loop may call it.</summary>
public interface IScriptLog
{
    /// <summary>Levels go from 0 (debug) to 3 (warning).</summary>
    void Write(int level, ReadOnlySpan<byte> text);
}
