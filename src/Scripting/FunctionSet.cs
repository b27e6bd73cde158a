namespace Anax.Scripting;

/// <summary>
/// The libraries that one loop knows, and their functions by name. Changes are made on all loops by a command that stands alone
/// on every shard, so all sets are the same whenever somebody looks.
/// </summary>
internal sealed class FunctionSet
{
    private const int NameMax = 256;

    private readonly List<Library> _libraries = [];
    private readonly Dictionary<string, KnownFunction> _functions = new(StringComparer.OrdinalIgnoreCase);

    internal IReadOnlyList<Library> Libraries => _libraries;

    /// <summary>Names that can be called.</summary>
    internal int Names => _functions.Count;

    /// <summary>Functions of all libraries: where names of one library differ in case only, more than there are names to call.</summary>
    internal int Count { get; private set; }
    internal long Bytes { get; private set; }

    internal Library? FindLibrary(string name) => _libraries.Find(library => library.Name == name);

    internal KnownFunction? Find(string name) => _functions.GetValueOrDefault(name);

    internal KnownFunction? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length > NameMax) return null;
        Span<char> text = stackalloc char[name.Length];
        for (int i = 0; i < name.Length; i++) text[i] = (char)name[i];
        return _functions.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out KnownFunction? function) ? function : null;
    }

    internal void Apply(FunctionChange change)
    {
        foreach (Library library in change.Removed)
        {
            _libraries.Remove(library);
            Bytes -= library.Code.Length;
            Count -= library.Functions.Length;
            foreach (LibraryFunction function in library.Functions) _functions.Remove(function.Name);
        }
        foreach (Library library in change.Added)
        {
            _libraries.Add(library);
            Bytes += library.Code.Length;
            Count += library.Functions.Length;
            // Names are told apart within a library by their case, and not where they are called: there the first of them counts.
            foreach (LibraryFunction function in library.Functions) _ = _functions.TryAdd(function.Name, new KnownFunction(library, function));
        }
    }
}

/// <summary>What a command changes in the libraries of every loop.</summary>
internal sealed class FunctionChange
{
    internal List<Library> Removed { get; } = [];
    internal List<Library> Added { get; } = [];

    /// <summary>
    /// Checks whether the added libraries fit to those that stay. The error to answer, or null; the library that stands in the
    /// way is removed where that is wished.
    /// </summary>
    internal string? Fit(FunctionSet current, bool replaces)
    {
        foreach (Library library in Added)
        {
            if (current.FindLibrary(library.Name) is not { } old || Removed.Contains(old)) continue;
            if (!replaces) return $"Library {library.Name} already exists";
            Removed.Add(old);
        }
        foreach (Library library in Added)
            foreach (LibraryFunction function in library.Functions)
                if (current.Find(function.Name) is { } known && !Removed.Contains(known.Library)) return $"Function {function.Name} already exists";
        return null;
    }
}
