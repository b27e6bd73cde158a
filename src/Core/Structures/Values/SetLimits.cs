namespace Anax.Core.Structures;

/// <summary>Up to what a set lies packed: members of a set of integers, members of another one, bytes of each of those.</summary>
public readonly record struct SetLimits(long IntegersMax, long ElementsMax, long ElementBytesMax)
{
    public static SetLimits Default => new(512, 128, 64);
}
