using Anax.Core.Text;

namespace Anax.Scripting;

/// <summary>
/// The scripts that one loop knows, by digest and by body: a body is found by a keyed hash and compared, because a SHA-1 for
/// each EVAL would cost more than many a script.
/// </summary>
internal sealed class ScriptCache(HashKey key)
{
    private readonly Dictionary<Sha1Digest, KnownScript> _byDigest = [];
    private readonly Dictionary<ulong, KnownScript> _byBody = [];
    private readonly HashKey _key = key;

    internal int Count => _byDigest.Count;

    /// <summary>Scripts that EVAL brought, which may be evicted.</summary>
    internal int Evictable { get; private set; }
    internal long Bytes { get; private set; }

    /// <summary>How many times all scripts were forgotten.</summary>
    internal long Epoch { get; private set; }

    internal IEnumerable<KnownScript> All => _byDigest.Values;

    internal KnownScript? Find(Sha1Digest digest) => _byDigest.GetValueOrDefault(digest);

    internal KnownScript? FindBody(ReadOnlySpan<byte> body)
    {
        KnownScript? script = _byBody.GetValueOrDefault(_key.Hash(body));
        while (script is not null && !script.Source.Body.AsSpan().SequenceEqual(body)) script = script.NextOfHash;
        return script;
    }

    /// <summary>Adds a script, unless all were forgotten since it was sent; SCRIPT LOAD makes one that is known already stay.</summary>
    internal void Add(ScriptSource source, bool isLoaded)
    {
        if (source.Epoch < Epoch) return;
        if (Find(source.Digest) is { } known)
        {
            if (isLoaded) Keep(known);
            return;
        }
        var script = new KnownScript(source) { IsLoaded = isLoaded, BodyHash = _key.Hash(source.Body) };
        _byDigest.Add(source.Digest, script);
        script.NextOfHash = _byBody.GetValueOrDefault(script.BodyHash);
        _byBody[script.BodyHash] = script;
        Bytes += source.Body.Length;
        if (!isLoaded) Evictable++;
    }

    internal void Keep(KnownScript script)
    {
        if (script.IsLoaded) return;
        script.IsLoaded = true;
        Evictable--;
    }

    /// <summary>Forgets one script that EVAL brought.</summary>
    internal bool Evict(Sha1Digest digest)
    {
        if (Find(digest) is not { IsLoaded: false } script) return false;
        _byDigest.Remove(digest);
        Unchain(script);
        Bytes -= script.Source.Body.Length;
        Evictable--;
        return true;
    }

    /// <summary>Forgets all that came before an epoch.</summary>
    internal void Flush(long epoch)
    {
        Epoch = Math.Max(Epoch, epoch);
        foreach (KnownScript script in _byDigest.Values)
        {
            if (script.Source.Epoch >= epoch) continue;
            _byDigest.Remove(script.Source.Digest);
            Unchain(script);
            Bytes -= script.Source.Body.Length;
            if (!script.IsLoaded) Evictable--;
        }
    }

    private void Unchain(KnownScript script)
    {
        KnownScript? before = _byBody[script.BodyHash];
        if (before != script)
        {
            while (before!.NextOfHash != script) before = before.NextOfHash;
            before.NextOfHash = script.NextOfHash;
        }
        else if (script.NextOfHash is { } next) _byBody[script.BodyHash] = next;
        else _byBody.Remove(script.BodyHash);
    }
}
