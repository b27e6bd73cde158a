using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Engine.Transactions;

/// <summary>Where a long read stands. Kept between its slices.</summary>
public struct LongReadState
{
    /// <summary>From where the next step goes on; 0 at first, and again behind the last step.</summary>
    public ulong Position;

    /// <summary>More about the position, for a command that needs more than it.</summary>
    public UInt128 Mark;

    /// <summary>Elements, or bytes, that were written.</summary>
    public long Written;

    /// <summary>The command's own: of what was written.</summary>
    public ulong Checksum;

    /// <summary>The command's own.</summary>
    public int Mode;

    /// <summary>The reply would take too much memory: an error takes its place, and there is no next step.</summary>
    public bool IsRefused;

    /// <summary>
    /// The next step is the first of its turn: the layout may be another one now, and what lies before the position was told.
    /// </summary>
    public bool IsResumed;
}

/// <summary>Writes the elements of one bounded step, and says where the next one begins.</summary>
public delegate void LongReadStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply);

/// <summary>Writes what stands before the elements, once they are counted.</summary>
public delegate void LongReadHeader(in LongReadState state, ref ReplyWriter reply);

/// <summary>
/// A command that reads one large value, in slices between the turns of its shard's loop, under the shared lock of its key. Meanwhile the
/// batch behind it waits, and so do writers of that key.
/// </summary>
internal sealed class LongRead : CommandContinuation, ISessionOwner, IDisposable
{
    private readonly RequestParser _parser = new();
    private readonly KeptArguments _args = new();
    private readonly LongReads _pool;
    private LongReadStep? _step;
    private LongReadHeader? _header;
    private LongReadState _state;

    /// <summary>Where the key stands.</summary>
    private int _key;

    internal LongRead(LongReads pool)
    {
        _pool = pool;
        Session = new Session(0, this, _parser);
    }

    public override Session Session { get; }

    public string PeerAddress => "";
    public string LocalAddress => "";
    public long PendingSendBytes => 0;

    public void Continue()
    {
    }

    internal void Begin(Arguments args, int key, int mode, LongReadStep step, LongReadHeader header)
    {
        _key = key;
        _args.Add(args.Slices);
        _state = new LongReadState { Mode = mode };
        _step = step;
        _header = header;
    }

    public override async Co<Nothing> GoOn(Coordinator tx)
    {
        Lock(tx);
        tx.Payload = this;
        int here = tx.Loop.Index;
        await tx.Hop(here, RunSlice);
        while (_state.Position != 0)
        {
            await tx.Yield();
            await tx.Hop(here, RunSlice);
        }
        Answer(tx, here);
        tx.Unlock();
        _args.Clear();
        _pool.Return(this);
        return default;
    }

    private void Lock(Coordinator tx)
    {
        Span<LockedKey> key = [new LockedKey(_args.Slices[_key].Hash, LockMode.Shared)];
        tx.Adopt(key);
    }

    private static void RunSlice(ShardScope shard, ref HopFrame hop)
    {
        var read = (LongRead)hop.Payload!;
        ReplyWriter reply = hop.Writer();
        var slice = new WorkSlice(shard);
        read._state.IsResumed = read._state.Position != 0;
        do
        {
            read._step!(shard, new Arguments(read._args.Slices), ref read._state, ref reply);
            read._state.IsResumed = false;
        }
        while (read._state.Position != 0 && slice.MayGoOn(shard));
        reply.Flush();
        // Who gets more is disconnected, and needs no more of it.
        long bytesMax = shard.Settings.ReplyBytesMax;
        if (bytesMax != 0 && hop.Replies.Length > bytesMax) read._state.Position = 0;
    }

    private void Answer(Coordinator tx, int here)
    {
        ReplyWriter reply = tx.Writer();
        if (_state.IsRefused)
        {
            reply.Error(Outcome.OutOfMemory);
        }
        else
        {
            _header!(in _state, ref reply);
            reply.Raw(ref tx.PartOf(here));
        }
        tx.Close(ref reply);
    }

    public void Dispose()
    {
        _args.Dispose();
        _parser.Dispose();
    }
}

/// <summary>A loop's long reads that wait for their next use.</summary>
internal sealed class LongReads : IDisposable
{
    private readonly Stack<LongRead> _spare = [];

    internal LongRead Rent() => _spare.TryPop(out LongRead? read) ? read : new LongRead(this);

    internal void Return(LongRead read) => _spare.Push(read);

    public void Dispose()
    {
        foreach (LongRead read in _spare) read.Dispose();
    }
}
