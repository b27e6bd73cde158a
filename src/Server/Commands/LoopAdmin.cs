using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>What the commands about the server keep on each loop: monitors, figures for INFO, scratch.</summary>
public sealed class LoopAdmin
{
    private readonly ServerLoop _host;
    private Connection[] _byId = [];

    internal LoopAdmin(ServerLoop host)
    {
        _host = host;
        Monitors = new MonitorFeed(host);
        Figures = new LoopFigures(host);
    }

    internal MonitorFeed Monitors { get; }
    internal LoopFigures Figures { get; }

    /// <summary>Wrong passwords.</summary>
    internal long AuthFailures { get; set; }

    /// <summary>Which of the server's successive settings this loop has; later ones are greater.</summary>
    internal long SettingsVersion { get; set; }

    /// <summary>The loop's connections in the order in which they came. Valid until the next call.</summary>
    internal ReadOnlySpan<Connection> ConnectionsById()
    {
        IReadOnlyList<Connection> connections = _host.Connections;
        int count = connections.Count;
        Array.Clear(_byId);
        if (_byId.Length < count) _byId = new Connection[Math.Max(16, count * 2)];
        for (int i = 0; i < count; i++) _byId[i] = connections[i];
        Span<Connection> ordered = _byId.AsSpan(0, count);
        ordered.Sort(ById.Comparer);
        return ordered;
    }

    internal void OnSecond()
    {
        Figures.OnSecond();
        if (_host.Engine.Index != 0) return;
        long used = 0;
        foreach (ServerLoop loop in _host.Server.Loops) used += loop.Engine.Counters.UsedBytes;
        _host.Server.Peak.See(used);
    }

    internal void OnRemoved(Connection connection)
    {
        if (connection.Session.Monitoring) Monitors.Leave(connection.Session);
    }

    private sealed class ById : IComparer<Connection>
    {
        internal static readonly ById Comparer = new();

        public int Compare(Connection? x, Connection? y) => x!.Session.Id.CompareTo(y!.Session.Id);
    }
}
