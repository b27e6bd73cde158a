using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anax.Tests.Server.Differential;

/// <summary>Stands before a server and spoils one text in its replies: proof that a comparison would notice.</summary>
internal sealed class RewritingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private readonly string _from;
    private readonly string _to;

    public RewritingProxy(int server, string from, string to)
    {
        _server = server;
        _from = from;
        _to = to;
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket client = _listener.AcceptSocket();
                new Thread(() => Serve(client)) { IsBackground = true }.Start();
            }
        }
        catch (SocketException)
        {
            // The test has ended.
        }
    }

    private void Serve(Socket accepted)
    {
        using Socket client = accepted;
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Connect("127.0.0.1", _server);
        new Thread(() => Pump(client, server, bytes => bytes)) { IsBackground = true }.Start();
        Pump(server, client, bytes => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace(_from, _to, StringComparison.Ordinal)));
    }

    private static void Pump(Socket from, Socket to, Func<byte[], byte[]> change)
    {
        var buffer = new byte[1 << 20];
        try
        {
            for (int read; (read = from.Receive(buffer)) != 0;) to.Send(change(buffer[..read]));
            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // One end has closed: so does the other.
        }
        catch (ObjectDisposedException)
        {
            // The test has ended.
        }
    }
}
