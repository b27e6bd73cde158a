namespace Anax.Core.Structures;

/// <summary>Sees the members of a set or of another collection of members, one after the other.</summary>
public interface IMemberReader
{
    /// <summary>
    /// A member, valid during the call, with its score: 1 in a set. False ends the walk: what is left is not visited.
    /// </summary>
    bool Visit(scoped PackedItem member, double score);
}
