namespace Anax.Runtime.Native;

/// <summary>io_uring's flags and offsets, as far as they are used.</summary>
internal static class UringConstants
{
    public const uint SetupCompletionSize = 1 << 3;
    public const uint SetupClamp = 1 << 4;
    public const uint SetupDisabled = 1 << 6;
    public const uint SetupSubmitAll = 1 << 7;
    public const uint SetupCooperative = 1 << 8;
    public const uint SetupTaskRunFlag = 1 << 9;
    public const uint SetupSingleIssuer = 1 << 12;
    public const uint SetupDeferTaskRun = 1 << 13;

    public const uint FeatureSingleMap = 1 << 0;
    public const uint FeatureNoDrop = 1 << 1;
    public const uint FeatureSubmitStable = 1 << 2;
    public const uint FeatureWaitArgument = 1 << 8;

    public const uint EnterGetEvents = 1 << 0;
    public const uint EnterWaitArgument = 1 << 3;

    public const uint RegisterEnableRings = 12;
    public const uint RegisterBufferRing = 22;

    public const uint QueueOverflow = 1 << 1;
    public const uint QueueTaskRun = 1 << 2;

    public const long RingsOffset = 0;
    public const long SubmissionsOffset = 0x10000000;

    public const byte SelectBuffer = 1 << 5;
    public const byte SkipSuccess = 1 << 6;

    public const ushort PollFirst = 1 << 0;
    public const ushort ReceiveMultishot = 1 << 1;
    public const ushort AcceptMultishot = 1 << 0;
    public const uint PollMultishot = 1 << 0;
    public const uint CancelAll = 1 << 0;
    public const uint CancelDescriptor = 1 << 1;

    public const uint HasBuffer = 1 << 0;
    public const uint HasMore = 1 << 1;
    public const int BufferShift = 16;
}
