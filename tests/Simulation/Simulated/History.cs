namespace Anax.Tests.Simulation.Simulated;

/// <summary>All that the clients of one run have asked and heard, and what a check needs to know of the run.</summary>
internal sealed class History
{
    private readonly List<Operation> _operations = [];
    private int _sessions;

    public IReadOnlyList<Operation> Operations => _operations;

    /// <summary>Deliveries to subscribers, in the order of each.</summary>
    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Messages that were published: the channel and what was said, in the order of each publisher.</summary>
    public List<Publication> Publications { get; } = [];

    /// <summary>What was pushed to the queue, and what clients that waited for its elements got.</summary>
    public List<QueueEntry> Queue { get; } = [];
    public List<string> Popped { get; } = [];
    public int PopsBegun { get; set; }
    public int PopsAnswered { get; set; }

    /// <summary>What the queue held when all clients had left.</summary>
    public List<string> Remaining { get; } = [];

    /// <summary>Subscribers that kept their connection throughout.</summary>
    public List<int> FaithfulSubscribers { get; } = [];

    /// <summary>Unix milliseconds at simulated time 0.</summary>
    public required long StartMs { get; init; }

    /// <summary>When the run ended: nothing took effect later.</summary>
    public long EndNs { get; set; } = Operation.Never;

    /// <summary>Commands of one pipeline happen in their order whatever their keys: there is one shard.</summary>
    public required bool KeepsPipelines { get; init; }

    public int NewSession() => _sessions++;

    public Operation Add(int session, long invokeNs, params IReadOnlyList<Command> commands)
    {
        Operation operation = new(session, invokeNs, commands);
        _operations.Add(operation);
        return operation;
    }

    public TimeWindow WindowOf(Operation operation) =>
        new(StartMs + operation.InvokeNs / 1_000_000, StartMs + Math.Min(operation.ReturnNs, EndNs) / 1_000_000);
}

/// <summary>A message that a publisher sent; answered or not.</summary>
internal sealed record Publication(string Channel, string Text, int Session)
{
    public bool IsAnswered { get; set; }
}

/// <summary>An element that was pushed, or may have been.</summary>
internal sealed record QueueEntry(string Text)
{
    public bool IsPushed { get; set; }
}

/// <summary>A message that a subscriber received.</summary>
internal sealed record Delivery(int Subscriber, string Channel, string Text);
