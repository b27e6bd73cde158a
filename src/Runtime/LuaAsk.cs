namespace Anax.Runtime;

/// <summary>What a suspended script asks for, and its arguments.</summary>
public enum LuaAsk
{
    /// <summary>A command and its arguments: answered with its reply.</summary>
    Call,

    /// <summary>The same; an error does not end the script.</summary>
    ProtectedCall,

    /// <summary>A level from 0 (debug) to 3 (warning) and a text: answered with nothing.</summary>
    Log,

    /// <summary>Bytes: answered with a bulk string of 40 hexadecimal digits.</summary>
    Sha1,

    /// <summary>A command and its arguments: answered with 1, 0 or an error.</summary>
    AccessCheck,

    /// <summary>A library's function: name, flags as a number (<see cref="LuaFunctionFlags"/>) and, if it has one, its
    /// description: answered with nothing.</summary>
    Register,
}
