using System.Diagnostics.CodeAnalysis;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Engine.Keyspace;

/// <summary>
/// A key opened for a change: the only way to write. Every edit ends with a commit, which names the event and the effect so that
/// no change can pass the listeners by, or with <see cref="Abandon"/> when nothing changed.
/// </summary>
public ref struct Edit
{
    private readonly ShardScope _scope;
    private readonly KeyTable? _table;
    private readonly int _database;
    private readonly Key _key;
    private readonly bool _wasMissing;

    /// <summary>The value had members that expire.</summary>
    private readonly bool _wasVolatile;
    private bool _isNoted;
    private Entry _entry;

    /// <summary>Opens a key of the command's database for a change; to be closed before the command ends.</summary>
    public Edit(ShardScope scope, Key key) : this(scope, scope.Database, key)
    {
    }

    /// <summary>As the other, in a given database.</summary>
    public Edit(ShardScope scope, int database, Key key) : this(scope, database, key, dropsDue: true)
    {
    }

    /// <summary>As the others; for those who remove what is due in the value themselves, it may stay.</summary>
    // Made where it lies, and the entry looked up in place: it is too large to be handed around.
    internal Edit(ShardScope scope, int database, Key key, bool dropsDue)
    {
        _scope = scope;
        _database = database;
        _key = key;
        _wasMissing = true;
        scope.Shard.EditOpened();
        if (scope.Shard.TableFor(database) is not { } table) return;
        _table = table;
        _entry = table.Entries.Find(key.Hash, key.Bytes);
        if (!_entry.Exists) return;
        if (_entry.ExpireAtMs != 0 && _entry.ExpireAtMs <= scope.NowMs)
        {
            scope.Expire(database, table, ref _entry, key);
            _entry = table.Entries.Find(key.Hash, key.Bytes);
            return;
        }
        if (dropsDue && _entry.HasRoot && table.Entries.HasDueMembers(in _entry, scope.NowMs))
        {
            scope.DropDue(database, key, isFound: false);
            _entry = table.Entries.Find(key.Hash, key.Bytes);
            if (!_entry.Exists) return;
        }
        _wasMissing = false;
        _wasVolatile = table.Entries.HasExpiringMembers(_entry);
        if ((scope.Context.Traits & ClientTraits.NoTouch) == 0) table.Entries.Touch(ref _entry);
    }

    public readonly bool Exists => _entry.Exists;
    public readonly ValueType Type => _entry.Type;
    public readonly long ExpireAtMs => _entry.ExpireAtMs;

    /// <summary>The value as it is now; valid until the next change through this edit.</summary>
    public readonly Entry Entry => _entry;

    /// <summary>The place of the value, for the editors of types other than strings.</summary>
    [UnscopedRef]
    public ValueSlot Slot => new(ref _entry, _table is { } table ? table.Entries : default, _key.Bytes);

    /// <summary>Sets a string value, in place of whatever was there, with an absolute expiry in milliseconds (0: none).</summary>
    public Outcome SetString(scoped ReadOnlySpan<byte> value, long expireAtMs) =>
        _table is { } table && table.Entries.SetString(ref _entry, _key.Bytes, value, expireAtMs) ? Outcome.Ok : Outcome.OutOfMemory;

    public Outcome SetInteger(long value, long expireAtMs) =>
        _table is { } table && table.Entries.SetInteger(ref _entry, _key.Bytes, value, expireAtMs) ? Outcome.Ok : Outcome.OutOfMemory;

    /// <summary>Sets a string that lies in a block already; takes over the caller's reference.</summary>
    public Outcome SetBlock(NativeBlock block, int length, long expireAtMs) => SetBlock(ValueType.String, block, length, expireAtMs);

    /// <summary>As above, of a string or of packed elements.</summary>
    internal Outcome SetBlock(ValueType type, NativeBlock block, int length, long expireAtMs) =>
        _table is { } table && table.Entries.SetBlock(ref _entry, _key.Bytes, type, block, length, expireAtMs) ? Outcome.Ok : Outcome.OutOfMemory;

    internal Outcome SetPacked(ValueType type, ReadOnlySpan<byte> packed, long expireAtMs) =>
        _table is { } table && table.Entries.SetPacked(ref _entry, _key.Bytes, type, packed, expireAtMs) ? Outcome.Ok : Outcome.OutOfMemory;

    /// <summary>Lengthens or shortens a string in place, keeping content and expiry; new bytes are zero.</summary>
    public Outcome Resize(int length, out Span<byte> bytes)
    {
        bytes = default;
        return _table is { } table && table.Entries.Resize(ref _entry, length, out bytes) ? Outcome.Ok : Outcome.OutOfMemory;
    }

    /// <summary>Exempts the key from eviction for as long as it exists.</summary>
    public Outcome SetSticky() => _table is { } table && table.Entries.SetSticky(ref _entry) ? Outcome.Ok : Outcome.OutOfMemory;

    /// <summary>The value that is set next makes the key sticky, or not.</summary>
    public void StickAs(bool sticky) => _entry.StickAs(sticky);

    /// <summary>Sets the absolute expiry in milliseconds, 0 removes it.</summary>
    public Outcome SetExpiry(long expireAtMs) =>
        _table is { } table && table.Entries.SetExpiry(ref _entry, expireAtMs) ? Outcome.Ok : Outcome.OutOfMemory;

    /// <summary>
    /// Gives value, expiry and stickiness of another key of this shard to this one, and deletes the other key. Large values only change
    /// hands.
    /// </summary>
    public Outcome Take(scoped ref Edit source)
    {
        if (_table is not { } table) return Outcome.OutOfMemory;
        StickAs(source._entry.IsSticky);
        if (source._entry.HasRoot)
            return table.Entries.TakeRoot(ref _entry, _key.Bytes, source._table!.Entries, ref source._entry) ? Outcome.Ok : Outcome.OutOfMemory;
        Outcome outcome = SetCopy(source._entry);
        if (outcome == Outcome.Ok) source.Delete();
        return outcome;
    }

    /// <summary>
    /// Sets the value, which has no root, the expiry and the stickiness of another key of this shard. A block is shared, not copied.
    /// </summary>
    public Outcome SetCopy(scoped in Entry source)
    {
        StickAs(source.IsSticky);
        if (source.Type != ValueType.String)
            return _table is { } table && table.Entries.SetCopy(ref _entry, _key.Bytes, source) ? Outcome.Ok : Outcome.OutOfMemory;
        if (source.TryGetInteger(out long number)) return SetInteger(number, source.ExpireAtMs);
        if (source.Encoding != ValueEncoding.Block)
            return SetBytes(source.Bytes, source.ExpireAtMs, source.Encoding == ValueEncoding.Raw);
        NativeBlock block = source.Block;
        block.AddReference();
        Outcome outcome = SetBlock(block, source.ValueLength, source.ExpireAtMs);
        if (outcome != Outcome.Ok) block.Release();
        return outcome;
    }

    /// <summary>As <see cref="SetString"/>; raw says that the bytes were once modified in place, which clients can see.</summary>
    internal Outcome SetBytes(ReadOnlySpan<byte> value, long expireAtMs, bool raw) =>
        _table is { } table && table.Entries.SetString(ref _entry, _key.Bytes, value, expireAtMs, raw) ? Outcome.Ok : Outcome.OutOfMemory;

    /// <summary>Sets what a draft holds, in place of whatever was there, with its expiry. The draft is gone then.</summary>
    public Outcome SetDraft(scoped ref Draft draft) => Slot.TakeFrom(draft.Slot) ? Outcome.Ok : Outcome.OutOfMemory;

    /// <summary>Says that the key was last used so many seconds ago.</summary>
    public readonly void SetIdleSeconds(int seconds) => _table!.Entries.SetIdleSeconds(_entry, seconds);

    /// <summary>Deletes the key because its time has come, and closes the edit.</summary>
    public void Expire()
    {
        Delete();
        _scope.Shard.Counters.Expired++;
        Commit(EventClass.Expired, "expired"u8, Effect.Deleted);
    }

    public void Delete() => _table!.Entries.Delete(ref _entry);

    /// <summary>
    /// Says that the key is new before other keys' events are announced, or although its name is not: what was there had
    /// nothing to do with it. Otherwise the commit does.
    /// </summary>
    public void NoteNew()
    {
        if (_isNoted) return;
        _isNoted = true;
        _scope.Note(_database, _key, EventClass.New, "new"u8);
    }

    /// <summary>Closes the edit and tells every listener; counts one change, or as many as are given.</summary>
    public void Commit(EventClass eventClass, ReadOnlySpan<byte> name, Effect effect = Effect.Command, long changes = 1) =>
        Commit(eventClass, name, effect, changes, ChangeReach.Everybody);

    /// <summary>Closes the edit of what stands beside the content of the key: see <see cref="ChangeReach.Beside"/>.</summary>
    public void CommitBeside(EventClass eventClass, ReadOnlySpan<byte> name, Effect effect = Effect.Command, long changes = 1) =>
        Commit(eventClass, name, effect, changes, ChangeReach.Beside);

    private void Commit(EventClass eventClass, ReadOnlySpan<byte> name, Effect effect, long changes, ChangeReach reach)
    {
        if (_wasMissing && _entry.Exists) NoteNew();
        CountVolatile();
        _scope.Shard.EditClosed();
        _scope.Shard.Counters.Changes += changes;
        _scope.Announce(_database, _key, eventClass, name, effect, reach);
    }

    /// <summary>Closes an edit that has removed so many members because their time had come; an empty value goes.</summary>
    internal void CommitExpired(ReadOnlySpan<byte> name, long members, bool isEmpty)
    {
        _scope.Counters.ExpiredMembers += members;
        if (isEmpty) Delete();
        Commit(EventClass.Expired, name, Effect.State, changes: 0, ChangeReach.Nobodys);
        if (isEmpty) _scope.Announce(_database, _key, EventClass.Generic, "del"u8, Effect.Deleted, ChangeReach.Nobodys);
    }

    /// <summary>Has those who wait for the key try again, after a change beside its content.</summary>
    public readonly void WakeWaiting()
    {
        if (_scope.Shard.Waits.Count != 0) _scope.Shard.Waits.Signal(_key.Hash, _database);
    }

    /// <summary>Tells the listeners of a second event of a change beside the content.</summary>
    public readonly void AlsoBeside(EventClass eventClass, ReadOnlySpan<byte> name, Effect effect = Effect.Command) =>
        _scope.Announce(_database, _key, eventClass, name, effect, ChangeReach.Beside);

    /// <summary>Tells the listeners of a second event of the same change (SET with an expiry: "set", then "expire").</summary>
    public readonly void Also(EventClass eventClass, ReadOnlySpan<byte> name, Effect effect = Effect.Command) =>
        _scope.Announce(_database, _key, eventClass, name, effect);

    /// <summary>Closes the edit of a key that was not changed.</summary>
    public readonly void Abandon() => _scope.Shard.EditClosed();

    /// <summary>Closes the edit of a key whose change goes on in another slice, under its lock: that one commits it.</summary>
    public readonly void Pause()
    {
        CountVolatile();
        _scope.Shard.EditClosed();
    }

    private readonly void CountVolatile()
    {
        if (_table is { } table && _wasVolatile != table.Entries.HasExpiringMembers(_entry)) table.VolatileCount += _wasVolatile ? -1 : 1;
    }
}
