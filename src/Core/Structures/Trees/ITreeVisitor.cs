namespace Anax.Core.Structures;

/// <summary>
/// Is given each slot that leaves a tree, and may free its record; it must not touch the tree meanwhile.
/// </summary>
internal interface ITreeVisitor
{
    void Visit(TreeSlot slot);
}
