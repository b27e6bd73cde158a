namespace Anax.Runtime;

/// <summary>What a suspended script asks for.</summary>
public enum LuaAsk
{
    Call,
    ProtectedCall,
    Log,
    Sha1,
    AccessCheck,
}
