using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Reads the number of a database from a command's argument.</summary>
internal static class DatabaseNumber
{
    /// <summary>False when the argument names no database; the error is written then.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, int databases, ref ReplyWriter reply, out int database)
    {
        database = 0;
        if (!Numbers.TryParseLong(text, out long number))
            reply.Error(Errors.NotInteger);
        else if (number != (int)number)
            reply.Error(Errors.OutOfRangeBetween, int.MinValue, int.MaxValue);
        else if (number < 0 || number >= databases)
            reply.Error(Errors.InvalidDb);
        else
        {
            database = (int)number;
            return true;
        }
        return false;
    }
}
