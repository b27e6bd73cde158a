namespace Anax.Protocol;

/// <summary>What <see cref="RequestParser.Next"/> found.</summary>
public enum ParseStatus
{
    /// <summary>One command; its arguments were appended.</summary>
    Complete,

    /// <summary>
    /// No whole command. What was not consumed is offered again, from the same start, when there is more.
    /// </summary>
    Incomplete,

    /// <summary>
    /// A large argument has begun; its bytes may be received into DirectTarget, or be offered to Next.
    /// </summary>
    Direct,

    /// <summary>Malformed: WriteError has the reply, behind which the connection is closed.</summary>
    Error,
}
