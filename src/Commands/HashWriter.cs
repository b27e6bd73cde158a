using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>What of each field is written.</summary>
[Flags]
internal enum HashParts : byte
{
    Fields = 1 << 0,
    Values = 1 << 1,
    Both = Fields | Values,

    /// <summary>In RESP3 each field and its value stand in an array of their own.</summary>
    Pairs = 1 << 2,
}

/// <summary>Writes the fields that it is shown. Mutable: counts them. The reply goes back to who lent it.</summary>
internal ref struct HashWriter(ReplyWriter reply, HashParts parts) : IFieldVisitor
{
    internal ReplyWriter Reply = reply;
    internal long Written;

    public void Visit(scoped PackedItem field, scoped in FieldValue value)
    {
        Written++;
        if ((parts & HashParts.Pairs) != 0 && Reply.Version != RespVersion.Resp2) Reply.Array(2);
        if ((parts & HashParts.Fields) != 0) Reply.Bulk(field);
        if ((parts & HashParts.Values) != 0) HashValue.Reply(value, ref Reply);
    }
}

/// <summary>Counts, or writes, the fields that a scan asks for.</summary>
internal ref struct HashScanner : IFieldVisitor
{
    internal ScanOptions Options;
    internal ReadOnlySpan<byte> Pattern;
    internal HashWriter Writer;
    internal bool Writes;
    internal long Looked;
    internal long Found;

    public void Visit(scoped PackedItem field, scoped in FieldValue value)
    {
        Looked++;
        if (Options.Pattern != 0)
        {
            Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
            if (!Glob.Matches(Pattern, field.Text(scratch))) return;
        }
        Found++;
        if (Writes) Writer.Visit(field, in value);
    }
}
