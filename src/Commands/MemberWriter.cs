using Anax.Core.Structures;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Writes members as bulk strings.</summary>
internal ref struct MemberWriter : IMemberReader
{
    internal ReplyWriter Reply;

    public bool Visit(scoped PackedItem member, double score)
    {
        Reply.Bulk(member);
        return true;
    }
}
