namespace Anax.Protocol;

/// <summary>The protocol that a client asked for with HELLO; the numbers are those on the wire.</summary>
public enum RespVersion : byte
{
    Resp2 = 2,
    Resp3 = 3,
}
