using Anax.Engine;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// A connection that breaks one promise on the way to a server that keeps them all: what is asked for as one is done
/// command by command, WATCH is not passed on, two replies change places. So a history of any server shows the fault.
/// </summary>
internal sealed class FaultyConnection(int port, PlantedBugs bug) : RespConnection(port)
{
    private const int SwapEvery = 50;

    private readonly Queue<RespReply> _replies = [];
    private int _requests;

    internal override void Send(IReadOnlyList<string[]> commands)
    {
        bool isQueuing = false;
        for (int i = 0; i < commands.Count; i++)
        {
            switch (commands[i][0])
            {
                case "MULTI" when bug is PlantedBugs.DroppedLock or PlantedBugs.EarlyRelease:
                    Answer(new RespReply('+', "OK", null));
                    int end = i + 1;
                    for (; commands[end][0] != "EXEC"; end++) Answer(new RespReply('+', "QUEUED", null));
                    Answer(OneByOne(commands.Skip(i + 1).Take(end - i - 1)));
                    i = end;
                    break;
                case "MGET" when bug == PlantedBugs.PlainMGet && !isQueuing:
                    Answer(OneByOne(commands[i].Skip(1).Select(key => new[] { "GET", key })));
                    break;
                // The one key that is watched alone is the one that expires.
                case "WATCH" when bug == PlantedBugs.WatchBlindToExpiry && commands[i].Length == 2:
                    Answer(new RespReply('+', "OK", null));
                    break;
                case "EVAL" when bug == PlantedBugs.ScriptWithoutLocks:
                    Answer(OneByOne(CommandsOf(commands[i])));
                    break;
                default:
                    isQueuing |= commands[i][0] == "MULTI";
                    Answer(Ask(commands[i]));
                    break;
            }
        }
    }

    internal override RespReply Read()
    {
        RespReply reply = _replies.Dequeue();
        if (bug != PlantedBugs.ReplyOutOfOrder || _replies.Count == 0 || ++_requests % SwapEvery != 0) return reply;
        RespReply next = _replies.Dequeue();
        RespReply[] rest = [.. _replies];
        _replies.Clear();
        foreach (RespReply later in rest.Prepend(reply)) _replies.Enqueue(later);
        return next;
    }

    private void Answer(RespReply reply) => _replies.Enqueue(reply);

    private RespReply Ask(string[] command)
    {
        base.Send([command]);
        return base.Read();
    }

    private RespReply OneByOne(IEnumerable<string[]> commands) => new('*', null, [.. commands.Select(Ask)]);

    /// <summary>The commands that the recorder's script would run (see <see cref="RecordingClient"/>).</summary>
    private static IEnumerable<string[]> CommandsOf(string[] script)
    {
        int at = 3 + int.Parse(script[2], System.Globalization.CultureInfo.InvariantCulture);
        while (at < script.Length)
        {
            int count = int.Parse(script[at], System.Globalization.CultureInfo.InvariantCulture);
            yield return script[(at + 1)..(at + 1 + count)];
            at += count + 1;
        }
    }
}
