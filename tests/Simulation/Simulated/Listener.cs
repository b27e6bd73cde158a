using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>A client that subscribes before anybody publishes, and notes all that it hears until it is told to leave.</summary>
internal sealed class Listener(SimulatedWorld world, Random random, int number) : SimulatedUser(world, random)
{
    private bool _isLeaving;

    public static string[] Channels { get; } = ["c0", "c1", "c2"];

    /// <summary>It has lost its connection, and with it messages.</summary>
    public bool HasLost { get; private set; }

    /// <summary>Its subscriptions stand.</summary>
    public bool IsSubscribed { get; private set; }

    public void LeaveNow()
    {
        _isLeaving = true;
        WakeNs = NowNs;
    }

    protected override void GoOn()
    {
        WakeNs = long.MaxValue;
        if (_isLeaving || HasLost)
        {
            if (IsConnected) Leave();
            else IsDone = true;
        }
        else if (!IsConnected)
        {
            Connect();
            ReadsSlowly = Random.Next(2) == 0;
            // Each channel is confirmed by a message of its own.
            Write([["SUBSCRIBE", .. Channels]]);
        }
    }

    protected override bool TakePush(Reply reply)
    {
        if (reply.Items.Count != 3) return false;
        if (reply.Items[0].Text == "message") World.History.Deliveries.Add(new Delivery(number, reply.Items[1].Text, reply.Items[2].Text));
        else if (reply.Items[2].Text == $":{Channels.Length}") IsSubscribed = true;
        return true;
    }

    protected override void OnLost()
    {
        HasLost |= !_isLeaving;
        WakeNs = NowNs;
    }
}
