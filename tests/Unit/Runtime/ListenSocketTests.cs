using System.Net;
using System.Net.Sockets;
using System.Text;
using Anax.Runtime;
using Xunit;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Anax.Tests.Unit.Runtime;

/// <summary>Listening: taken addresses, stale unix sockets, names of both ends.</summary>
public sealed class ListenSocketTests
{
    private const int AddressInUse = 98;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APortThatIsTakenIsRefusedWithTheKernelsWords(bool reusePort)
    {
        using ListenSocket first = ListenSocket.Tcp("127.0.0.1", 0, 16, reusePort: reusePort);
        ListenException error = Assert.Throws<ListenException>(
            () => ListenSocket.Tcp("127.0.0.1", first.Port, 16, reusePort: reusePort));
        Assert.Equal(AddressInUse, error.Errno);
        Assert.Equal($"127.0.0.1:{first.Port}: bind: Address already in use", error.Message);
    }

    [Fact]
    public void BothFamiliesListenOnOnePort()
    {
        using ListenSocket all = ListenSocket.Tcp("*", 0, 16);
        using ListenSocket six = ListenSocket.Tcp("::*", all.Port, 16);
        Assert.Equal(all.Port, six.Port);
    }

    [Fact]
    public void AnAddressThatThisMachineDoesNotHaveIsUnavailable()
    {
        ListenException error = Assert.Throws<ListenException>(() => ListenSocket.Tcp("192.0.2.1", 0, 16));
        Assert.True(error.IsUnavailable);
    }

    [Fact]
    public void AUnixSocketInUseIsRefusedAStaleOneIsReplacedAndTheFileGoesAtTheEnd()
    {
        string path = Path.Combine(Path.GetTempPath(), $"anax-{Guid.NewGuid():N}.sock");
        ListenSocket first = ListenSocket.Unix(path, 16, Convert.ToInt32("700", 8));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        ListenException error = Assert.Throws<ListenException>(() => ListenSocket.Unix(path, 16));
        Assert.Equal(AddressInUse, error.Errno);
        first.Dispose();
        Assert.False(File.Exists(path));

        // A server that was killed leaves its file.
        Socket killed = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        killed.Bind(new UnixDomainSocketEndPoint(path));
        killed.Listen();
        int copy = killed.SafeHandle.DangerousGetHandle().ToInt32();
        SocketOptions.Close(copy);
        killed.SafeHandle.SetHandleAsInvalid();
        Assert.True(File.Exists(path));
        using ListenSocket next = ListenSocket.Unix(path, 16);
        Assert.True(next.IsUnix);
    }

    [Fact]
    public void APathThatIsTooLongIsRefused()
    {
        Assert.Throws<ListenException>(() => ListenSocket.Unix("/tmp/" + new string('x', 103), 16));
        ListenSocket.Unix("/tmp/" + Guid.NewGuid().ToString("N").PadRight(102, 'x'), 16).Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:")]
    [InlineData("::1", "[::1]:")]
    public void NamesOfBothEnds(string address, string prefix)
    {
        using ListenSocket listener = ListenSocket.Tcp(address, 0, 16);
        int client = ClientSocket.ConnectTcp(address, listener.Port);
        using Socket check = new(new SafeSocketHandle(client, ownsHandle: true));
        var local = (IPEndPoint)check.LocalEndPoint!;
        Assert.Equal($"{prefix}{listener.Port}", Name(client, SocketNames.FormatPeer));
        Assert.Equal($"{prefix}{local.Port}", Name(client, SocketNames.FormatLocal));
        Assert.True(SocketNames.IsPeerLocal(client));
        Assert.InRange(SocketOptions.IncomingCpu(client), -1, 4096);
    }

    [Fact]
    public void AUnixClientIsNamedByThePath()
    {
        string path = Path.Combine(Path.GetTempPath(), $"anax-{Guid.NewGuid():N}.sock");
        using LoopRig rig = new(LoopBackend.Epoll);
        TestConnection server = new();
        ListenSocket listener = ListenSocket.Unix(path, 16);
        rig.Listen(listener, () => server);
        rig.Connect(listener);
        rig.RunUntil(() => server.Loop is not null);
        int descriptor = rig.Loop.DescriptorOf(server.Handle);
        Assert.Equal(path + ":0", Name(descriptor, SocketNames.FormatPeer));
        Assert.True(SocketNames.IsPeerLocal(descriptor));
    }

    [Fact]
    public void NobodyThereIsSaidWithTheKernelsWords()
    {
        int port;
        using (ListenSocket listener = ListenSocket.Tcp("127.0.0.1", 0, 16)) port = listener.Port;
        ListenException error = Assert.Throws<ListenException>(() => ClientSocket.ConnectTcp("127.0.0.1", port));
        Assert.EndsWith("Connection refused", error.Message, StringComparison.Ordinal);
    }

    private static string Name(int descriptor, Formatter format)
    {
        Span<byte> text = stackalloc byte[SocketNames.LengthMax];
        return Encoding.UTF8.GetString(text[..format(descriptor, text)]);
    }

    private delegate int Formatter(int descriptor, Span<byte> text);
}
