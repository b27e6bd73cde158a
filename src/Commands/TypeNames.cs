using Anax.Core.Text;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>The names of value types as TYPE shows and SCAN takes them.</summary>
internal static class TypeNames
{
    internal static ReadOnlySpan<byte> Of(ValueType type) => type switch
    {
        ValueType.String => "string"u8,
        ValueType.List => "list"u8,
        ValueType.Set => "set"u8,
        ValueType.SortedSet => "zset"u8,
        ValueType.Hash => "hash"u8,
        ValueType.Stream => "stream"u8,
    };

    internal static bool TryParse(ReadOnlySpan<byte> name, out ValueType type)
    {
        for (type = ValueType.String; type <= ValueType.Stream; type++)
            if (Ascii.EqualsIgnoreCase(name, Of(type))) return true;
        return false;
    }
}
