namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// A key whose value is a list of elements of one length, changed by APPEND alone. Each answer shows where in the
/// order of versions it belongs: a read shows all elements, an APPEND answers the length, which is its element's place.
/// </summary>
internal sealed class ListKey(string name, int elementLength)
{
    private readonly SortedDictionary<int, string> _order = [];

    internal string Name { get; } = name;

    /// <summary>The first thing that cannot be, in words.</summary>
    internal string? Contradiction { get; private set; }

    /// <summary>The known elements in order; those that nobody has seen, and whose own answer was lost, are missing.</summary>
    internal IEnumerable<string> Order => _order.Values;

    internal string? VersionOf(string? value) => value is null ? null : value[^Math.Min(elementLength, value.Length)..];

    internal void NoteRead(string? value)
    {
        if (value is null) return;
        if (value.Length % elementLength != 0) Contradiction ??= $"{Name} = {value} holds a part of an element";
        for (int i = 0; (i + 1) * elementLength <= value.Length; i++) Note(i, value.Substring(i * elementLength, elementLength));
    }

    internal void NoteAppend(string element, int lengthAfter)
    {
        if (lengthAfter % elementLength != 0) Contradiction ??= $"APPEND {Name} {element} left a part of an element: {lengthAfter} bytes";
        else Note(lengthAfter / elementLength - 1, element);
    }

    private void Note(int place, string element)
    {
        if (_order.TryAdd(place, element) || _order[place] == element) return;
        Contradiction ??= $"lost update: {_order[place]} and {element} both are element {place} of {Name}";
    }
}
