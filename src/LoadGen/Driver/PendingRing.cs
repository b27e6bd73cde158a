namespace Anax.LoadGen.Driver;

/// <summary>Requests that were sent and not answered: runs of those with the same times and the same command.</summary>
internal struct Pending
{
    public long GeneratedNs;
    public long IntendedNs;

    /// <summary>The number of the first key, where requests are told apart by it.</summary>
    public ulong Key;
    public int Count;
    public short Command;
    public byte Redirections;
    public bool IsNoReply;
}

/// <summary>The unanswered requests of one connection in the order of sending; grows, and is never given back.</summary>
internal sealed class PendingRing
{
    private Pending[] _items = new Pending[16];
    private int _first;
    private int _used;

    /// <summary>Requests, not runs.</summary>
    public int Count { get; private set; }

    public ref Pending First => ref _items[_first];

    /// <summary>Adds one request; it joins the run before it where nothing tells them apart.</summary>
    public void Add(in Pending request, bool mayJoin)
    {
        Count++;
        if (mayJoin && _used != 0)
        {
            ref Pending last = ref _items[(_first + _used - 1) & (_items.Length - 1)];
            if (last.GeneratedNs == request.GeneratedNs && last.IntendedNs == request.IntendedNs && last.Command == request.Command)
            {
                last.Count++;
                return;
            }
        }

        if (_used == _items.Length) Grow();
        _items[(_first + _used) & (_items.Length - 1)] = request;
        _used++;
    }

    /// <summary>The first request was answered; true where its run ends with it.</summary>
    public bool TakeOne()
    {
        Count--;
        if (--_items[_first].Count != 0) return false;
        _first = (_first + 1) & (_items.Length - 1);
        _used--;
        return true;
    }

    private void Grow()
    {
        Pending[] grown = new Pending[_items.Length * 2];
        for (int i = 0; i < _used; i++) grown[i] = _items[(_first + i) & (_items.Length - 1)];
        (_items, _first) = (grown, 0);
    }
}
