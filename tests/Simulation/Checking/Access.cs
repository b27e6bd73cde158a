namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// What one transaction did to one key, as others can see it: the version that it found and the one that it left. A
/// version is named by its value; the initial one is null. On a key that is appended to, by the last element.
/// </summary>
internal sealed class Access(string key)
{
    internal string Key { get; } = key;

    /// <summary>Whether it found a version, before it wrote one.</summary>
    internal bool HasRead { get; private set; }
    internal string? Read { get; private set; }
    internal bool HasWritten { get; private set; }
    internal string? Written { get; private set; }

    /// <summary>Versions that it replaced itself: nobody else may see them.</summary>
    internal List<string> Intermediate { get; } = [];

    /// <summary>What is wrong with it by itself, in words.</summary>
    internal string? Contradiction { get; private set; }

    internal void Observe(string? version)
    {
        if (HasWritten ? version != Written : HasRead && version != Read)
            Contradiction ??= $"within itself it had {Key} = {(HasWritten ? Written : Read) ?? "nil"}, then found {version ?? "nil"}";
        if (HasWritten || HasRead) return;
        (HasRead, Read) = (true, version);
    }

    internal void Write(string version)
    {
        if (HasWritten) Intermediate.Add(Written!);
        (HasWritten, Written) = (true, version);
    }
}
