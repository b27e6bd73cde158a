using System.Buffers.Binary;
using Anax.Core.Text;

namespace Anax.Engine.Dispatch;

/// <summary>
/// The one table of commands, composed at start and immutable after. Names are found by length and bytes,
/// case-insensitively, without allocation.
/// </summary>
public sealed class CommandTable
{
    private const int NameLengthMax = 32;

    private readonly CommandSpec[] _all;
    private readonly int[] _slots;
    private readonly ulong[] _prefixes;
    private readonly int _mask;

    private CommandTable(CommandSpec[] all)
    {
        _all = all;
        int size = 16;
        while (size < all.Length * 4) size *= 2;
        _mask = size - 1;
        _slots = new int[size];
        _prefixes = new ulong[all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i].Index = i;
            all[i].IsPlain = all[i] is { Parent: null, IsContainer: false, Gate: null };
            byte[] name = all[i].FullNameLower;
            if (name.Length > NameLengthMax) throw new ArgumentException($"command name too long: {all[i].Name}");
            ulong prefix = _prefixes[i] = Prefix(name);
            int slot = SlotOf(prefix, name.Length);
            while (_slots[slot] != 0)
            {
                if (all[_slots[slot] - 1].Name == all[i].Name) throw new ArgumentException($"duplicate command: {all[i].Name}");
                slot = (slot + 1) & _mask;
            }
            _slots[slot] = i + 1;
        }
        foreach (CommandSpec spec in all)
            if (spec.IsContainer) spec.Subcommands = Array.FindAll(all, s => s.Parent == spec.Name);
    }

    /// <summary>All rows, subcommands included, in the order of their indexes.</summary>
    public ReadOnlySpan<CommandSpec> All => _all;

    public CommandSpec this[int index] => _all[index];

    /// <summary>Composes the table from the families' rows.</summary>
    public static CommandTable Build(params CommandSpec[][] families)
    {
        int count = 0;
        foreach (CommandSpec[] family in families) count += family.Length;
        var all = new CommandSpec[count];
        int at = 0;
        foreach (CommandSpec[] family in families)
        {
            family.CopyTo(all, at);
            at += family.Length;
        }
        return new CommandTable(all);
    }

    /// <summary>The row of a command by name (any case), or null.</summary>
    public CommandSpec? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return null;
        ulong prefix = Prefix(name);
        for (int slot = SlotOf(prefix, name.Length); _slots[slot] != 0; slot = (slot + 1) & _mask)
        {
            int i = _slots[slot] - 1;
            if (_prefixes[i] != prefix) continue;
            byte[] full = _all[i].FullNameLower;
            if (full.Length == name.Length && (name.Length <= sizeof(ulong) || Ascii.EqualsIgnoreCase(full, name))) return _all[i];
        }
        return null;
    }

    /// <summary>The row of a container's subcommand (any case), or null.</summary>
    public CommandSpec? FindSubcommand(CommandSpec container, ReadOnlySpan<byte> name)
    {
        byte[] parent = container.FullNameLower;
        int length = parent.Length + 1 + name.Length;
        if (length > NameLengthMax || name.IsEmpty) return null;
        Span<byte> full = stackalloc byte[NameLengthMax];
        parent.CopyTo(full);
        full[parent.Length] = (byte)'|';
        name.CopyTo(full[(parent.Length + 1)..]);
        return Find(full[..length]);
    }

    private int SlotOf(ulong prefix, int length) =>
        (int)(((prefix ^ (ulong)length) * 0x9E3779B97F4A7C15) >> 40) & _mask;

    /// <summary>The first eight bytes in lower case; of a short name all, padded.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> name) => Ascii.ToLower(
        name.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(name) : PaddedWord.Of(name));
}
