namespace Anax.Core.Structures;

/// <summary>Moves the records of slots, or knows where they have been moved.</summary>
internal interface ITreeMover
{
    /// <summary>Where the slot's record lies from now on: the handle that it had when it did not move.</summary>
    uint Move(TreeSlot slot);
}
