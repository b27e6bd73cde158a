using Anax.Runtime.Simulated;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>What a seed decides before anything runs: how large and how hostile its world is, and how busy.</summary>
internal sealed record SimulationPlan
{
    public required ulong Seed { get; init; }
    public required int Shards { get; init; }
    public required int Clients { get; init; }

    /// <summary>Things that each client does before it leaves.</summary>
    public required int Activities { get; init; }

    /// <summary>Commands of one pipeline.</summary>
    public required int PipelineMax { get; init; }

    /// <summary>Keys that commands of one key, and parts of commands of several, are about.</summary>
    public required int SingleKeys { get; init; }

    /// <summary>Values of some 20 KB, which lie in blocks of their own and are sent by reference.</summary>
    public required bool HasLargeValues { get; init; }

    /// <summary>Clients reset their connections, at any point of a request or a reply.</summary>
    public required bool ClientsVanish { get; init; }

    /// <summary>Every connection holds until its client leaves, with all replies read.</summary>
    public bool IsFaithful => !ClientsVanish && Network.ResetChance == 0;

    public required bool StrictOrder { get; init; }
    public required SimulationOptions Network { get; init; }

    public static SimulationPlan Of(ulong seed)
    {
        Random random = new(unchecked((int)(seed * 0x9E37_79B9 + 12345)));
        bool isSlow = random.Next(8) == 0;
        int pipeBytes = 16 << random.Next(9);
        return new SimulationPlan
        {
            Seed = seed,
            Shards = 1 + random.Next(7),
            Clients = 3 + random.Next(10),
            Activities = 10 + random.Next(25),
            PipelineMax = 1 + random.Next(8),
            SingleKeys = 1 + random.Next(5),
            HasLargeValues = pipeBytes >= 1024 && random.Next(3) == 0,
            ClientsVanish = random.Next(2) == 0,
            StrictOrder = random.Next(4) == 0,
            Network = new SimulationOptions
            {
                Seed = seed,
                PipeBytes = pipeBytes,
                PartialReadChance = random.Next(60),
                PartialWriteChance = random.Next(60),
                ResetChance = random.Next(4) == 0 ? 1 : 0,
                LatencyNsMax = isSlow ? 5_000_000 : random.Next(1, 200_000),
                TurnNsMax = random.Next(1, 50_000),
                MailboxCapacity = 1 << random.Next(4),
                // A slice of a script is a millisecond: from one look to hundreds.
                NativeLookNs = 2_000_000 >> random.Next(9),
            },
        };
    }
}
