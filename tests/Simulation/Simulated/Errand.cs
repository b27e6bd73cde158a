using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>A client that has one thing to say, says it again where its connection broke meanwhile, and leaves.</summary>
internal sealed class Errand(SimulatedWorld world, Random random, Func<Errand, List<(string[] Words, Action<Reply> Take)>> errand)
    : SimulatedUser(world, random)
{
    private bool _isSaid;
    private bool _isHeard;

    /// <summary>A command that the history remembers.</summary>
    public (string[] Words, Action<Reply> Take) Noted(Command command)
    {
        Operation operation = World.History.Add(Session, NowNs, command);
        return (command.Words, reply => operation.Answer(NowNs, [reply]));
    }

    protected override void GoOn()
    {
        if (_isHeard)
        {
            if (IsConnected) Leave();
            else IsDone = true;
            return;
        }

        if (_isSaid && IsConnected)
        {
            _isHeard = true;
            Leave();
            return;
        }

        Connect();
        _isSaid = true;
        Send(errand(this));
    }
}
