using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>The reply of a container's HELP: a header, its lines, and the two about HELP itself, each a status.</summary>
public static class HelpText
{
    /// <summary>The container's name in any case; lines are separated by line feeds.</summary>
    public static void Write(ref ReplyWriter reply, ReadOnlySpan<byte> container, ReadOnlySpan<byte> lines)
    {
        const int NameMax = 32, OwnLines = 3;
        Span<byte> name = stackalloc byte[NameMax];
        name = name[..container.Length];
        container.CopyTo(name);
        Ascii.ToUpperInPlace(name);
        reply.Array(lines.Count((byte)'\n') + 1 + OwnLines);
        reply.Raw("+"u8);
        reply.Raw(name);
        reply.Raw(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n"u8);
        for (int end = 0; end >= 0; lines = lines[(end + 1)..])
        {
            end = lines.IndexOf((byte)'\n');
            reply.Simple(end < 0 ? lines : lines[..end]);
        }
        reply.Simple("HELP"u8);
        reply.Simple("    Print this help."u8);
    }
}
