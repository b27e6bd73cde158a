namespace Anax.Tests.Server.Harness;

/// <summary>A server with given threads and back end, shared by the tests of one class.</summary>
public abstract class ServerFixture : IDisposable
{
    private readonly ServerProcess _server;

    protected ServerFixture(int threads, bool epoll) => _server = ServerProcess.Anax(
        "--proactor_threads", $"{threads}", "--enable-debug-command", "yes", $"--force_epoll={(epoll ? "true" : "false")}");

    internal ServerProcess Server => _server;

    internal RespClient Connect() => _server.Connect();

    public void Dispose()
    {
        _server.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class Uring1() : ServerFixture(1, epoll: false);

public sealed class Uring2() : ServerFixture(2, epoll: false);

public sealed class Uring7() : ServerFixture(7, epoll: false);

public sealed class Epoll1() : ServerFixture(1, epoll: true);

public sealed class Epoll2() : ServerFixture(2, epoll: true);

public sealed class Epoll7() : ServerFixture(7, epoll: true);
