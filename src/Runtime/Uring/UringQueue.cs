using Anax.Core;
using Anax.Runtime.Native;

namespace Anax.Runtime.Uring;

/// <summary>
/// One io_uring: the two rings shared with the kernel and the call that moves them on. Made on any thread,
/// disabled; belongs to the thread that enables it.
/// </summary>
internal sealed unsafe class UringQueue : IDisposable
{
    private const uint RequiredFeatures =
        UringConstants.FeatureSingleMap | UringConstants.FeatureNoDrop
        | UringConstants.FeatureSubmitStable | UringConstants.FeatureWaitArgument;

    private const uint CommonFlags =
        UringConstants.SetupCompletionSize | UringConstants.SetupClamp | UringConstants.SetupDisabled
        | UringConstants.SetupSubmitAll | UringConstants.SetupTaskRunFlag;

    private readonly int _ring;
    private readonly nint _rings;
    private readonly long _ringsLength;
    private readonly UringSubmission* _submissions;
    private readonly long _submissionsLength;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _submissionFlags;
    private readonly uint _submissionMask;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly UringCompletion* _completions;
    private uint _tail;

    private UringQueue(int ring, in UringParameters parameters)
    {
        _ring = ring;
        _ringsLength = Math.Max(
            parameters.SubmissionArray + parameters.SubmissionEntries * sizeof(uint),
            parameters.Completions + parameters.CompletionEntries * sizeof(UringCompletion));
        _submissionsLength = parameters.SubmissionEntries * sizeof(UringSubmission);
        _rings = LibC.MapShared(ring, _ringsLength, UringConstants.RingsOffset);
        _submissions = (UringSubmission*)LibC.MapShared(ring, _submissionsLength, UringConstants.SubmissionsOffset);
        if (_rings == 0 || _submissions == null)
        {
            Dispose();
            throw new InsufficientMemoryException("no memory for the rings of io_uring");
        }

        byte* rings = (byte*)_rings;
        _submissionHead = (uint*)(rings + parameters.SubmissionHead);
        _submissionTail = (uint*)(rings + parameters.SubmissionTail);
        _submissionFlags = (uint*)(rings + parameters.SubmissionFlags);
        _submissionMask = *(uint*)(rings + parameters.SubmissionMask);
        _completionHead = (uint*)(rings + parameters.CompletionHead);
        _completionTail = (uint*)(rings + parameters.CompletionTail);
        _completionMask = *(uint*)(rings + parameters.CompletionMask);
        _completions = (UringCompletion*)(rings + parameters.Completions);
        // The kernel reaches the entries through a ring of indices; here each stands for itself.
        uint* indices = (uint*)(rings + parameters.SubmissionArray);
        for (uint i = 0; i < parameters.SubmissionEntries; i++) indices[i] = i;
    }

    /// <summary>Entries that were filled since the kernel took the last one.</summary>
    public uint Unsubmitted => _tail - Volatile.Read(ref *_submissionHead);

    /// <summary>The calls that entered the kernel.</summary>
    public long Enters { get; private set; }

    /// <summary>A ring, or null with the reason why this kernel or container has none.</summary>
    public static UringQueue? TryCreate(uint entries, uint completions, out string reason)
    {
        // Completions are worked off when the loop asks for them, which needs one thread per ring (6.1);
        // before that, at least without interrupting the loop (5.19).
        int ring = TrySetup(
            CommonFlags | UringConstants.SetupSingleIssuer | UringConstants.SetupDeferTaskRun,
            entries, completions, out UringParameters parameters);
        if (ring == -Errno.Invalid)
            ring = TrySetup(CommonFlags | UringConstants.SetupCooperative, entries, completions, out parameters);
        if (ring < 0)
        {
            reason = $"io_uring_setup: {Errno.Text(-ring)}";
            return null;
        }

        if ((parameters.Features & RequiredFeatures) != RequiredFeatures)
        {
            _ = LibC.Close(ring);
            reason = "this kernel's io_uring lacks features";
            return null;
        }

        reason = "";
        return new UringQueue(ring, parameters);
    }

    /// <summary>From here on the ring belongs to the calling thread.</summary>
    public int Enable() => LibC.UringRegister(_ring, UringConstants.RegisterEnableRings, null, 0);

    public int RegisterBuffers(nint ring, uint entries, ushort group)
    {
        UringBufferRegistration registration = new() { Address = (ulong)ring, Entries = entries, Group = group };
        return LibC.UringRegister(_ring, UringConstants.RegisterBufferRing, &registration, 1);
    }

    /// <summary>A cleared entry, to be filled before the next call; a full ring is submitted first.</summary>
    public ref UringSubmission Next()
    {
        while (Unsubmitted > _submissionMask) Enter(0, 0);
        ref UringSubmission entry = ref _submissions[_tail++ & _submissionMask];
        entry = default;
        return ref entry;
    }

    /// <summary>
    /// Submits what was filled and fetches completions; waits for so many of them at most as long as given
    /// (long.MaxValue: without limit). 0 completions do not wait, and do not enter the kernel for nothing.
    /// </summary>
    public void Enter(uint complete, long timeoutNs)
    {
        uint submit = Unsubmitted;
        uint flags = Volatile.Read(ref *_submissionFlags) & (UringConstants.QueueTaskRun | UringConstants.QueueOverflow);
        if (complete == 0 && submit == 0 && flags == 0) return;

        Volatile.Write(ref *_submissionTail, _tail);
        TimeSpec timeout = new() { Seconds = timeoutNs / 1_000_000_000, Nanoseconds = timeoutNs % 1_000_000_000 };
        UringWaitArgument argument = new() { Timeout = timeoutNs == long.MaxValue ? null : &timeout };
        Enters++;
        // Whatever it returns (a timeout, a signal, completions that must be fetched first), the rings say
        // what was taken, and the rest is offered again next time.
        int result = LibC.UringEnter(
            _ring, submit, complete, UringConstants.EnterGetEvents | UringConstants.EnterWaitArgument, &argument);
        Invariant.Holds(
            result is not (-Errno.Exists or -Errno.BadDescriptor or -Errno.BadState or -Errno.Invalid),
            "a ring is used by the thread that enabled it");
    }

    /// <summary>
    /// The completions that have come: from head to tail, to be given up by <see cref="Advance"/>.
    /// </summary>
    public uint Head => *_completionHead;

    public uint Tail => Volatile.Read(ref *_completionTail);

    public UringCompletion this[uint position] => _completions[position & _completionMask];

    /// <summary>The kernel may write new completions over those before the head.</summary>
    public void Advance(uint head) => Volatile.Write(ref *_completionHead, head);

    public void Dispose()
    {
        if (_rings != 0) LibC.Unmap(_rings, _ringsLength);
        if (_submissions != null) LibC.Unmap((nint)_submissions, _submissionsLength);
        _ = LibC.Close(_ring);
    }

    private static int TrySetup(uint flags, uint entries, uint completions, out UringParameters parameters)
    {
        UringParameters asked = new() { Flags = flags, CompletionEntries = completions };
        int ring = LibC.UringSetup(entries, &asked);
        parameters = asked;
        return ring;
    }
}
