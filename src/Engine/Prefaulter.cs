using Anax.Core.Memory;
using Anax.Runtime;

namespace Anax.Engine;

/// <summary>
/// One thread that has the kernel provide each shard's next extent of memory while the shard fills the present one: the
/// first touch of 2 MiB takes the kernel a tenth of a millisecond, and a virtual machine's host up to twelve, in which
/// the shard's clients would wait. Woken when an arena opens an extent; idle otherwise.
/// </summary>
public sealed class Prefaulter : IDisposable
{
    private readonly Arena[] _arenas;
    private readonly uint[] _provided;
    private readonly WakeEvent _wake = new();
    private readonly Thread _thread;
    private volatile bool _isStopping;

    internal Prefaulter(Arena[] arenas)
    {
        _arenas = arenas;
        _provided = new uint[arenas.Length];
        _thread = new Thread(Run) { Name = "anax-memory", IsBackground = true };
        _thread.Start();
    }

    /// <summary>An arena has opened an extent. Any thread.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Ends the thread; before the arenas go.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wake.Wait();
            if (_isStopping) return;
            for (int i = 0; i < _arenas.Length; i++) _ = _arenas[i].PrefaultAhead(ref _provided[i]);
        }
    }
}
