using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Server.Commands;

/// <summary>The reply of a container's HELP: a header, its lines, and the two about HELP itself, each a status.</summary>
internal static class HelpText
{
    /// <summary>Lines are separated by line feeds.</summary>
    internal static void Write(ref ReplyWriter reply, CommandSpec help, ReadOnlySpan<byte> lines)
    {
        reply.Array(3 + lines.Count((byte)'\n') + 1);
        reply.Raw("+"u8);
        Span<byte> container = stackalloc byte[32];
        int length = 0;
        foreach (char c in help.Parent ?? help.Name) container[length++] = (byte)c;
        reply.Raw(container[..length]);
        reply.Raw(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n"u8);
        while (true)
        {
            int end = lines.IndexOf((byte)'\n');
            reply.Simple(end < 0 ? lines : lines[..end]);
            if (end < 0) break;
            lines = lines[(end + 1)..];
        }
        reply.Simple("HELP"u8);
        reply.Simple("    Print this help."u8);
    }
}
