namespace Anax.Runtime;

/// <summary>Why a script gave the thread back.</summary>
public enum LuaStatus
{
    /// <summary>It has ended; its output is the reply as RESP.</summary>
    Done,

    /// <summary>It failed; its output is the error's text, code first.</summary>
    Error,

    /// <summary>It asks for something; its arguments say what.</summary>
    Call,

    /// <summary>Its slice of time is over.</summary>
    Yield,
}
