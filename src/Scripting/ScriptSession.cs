using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Scripting;

/// <summary>The carrier of the session in whose name a script's commands run: nobody who could be answered.</summary>
internal sealed class ScriptSession : ISessionOwner, IDisposable
{
    private readonly RequestParser _parser = new();

    internal ScriptSession() => Session = new Session(0, this, _parser);

    internal Session Session { get; }

    /// <summary>What monitors see in an address's place.</summary>
    public string PeerAddress => "lua";
    public string LocalAddress => "";
    public long PendingSendBytes => 0;

    public void Continue()
    {
    }

    internal void Enter(int database)
    {
        Session.Reset(authenticated: true);
        Session.Database = database;
    }

    public void Dispose() => _parser.Dispose();
}
