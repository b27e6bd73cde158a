using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Anax.Bench.NoGc;

/// <summary>What a server says of its managed heap.</summary>
internal readonly record struct HeapFigures(long Collections, long AllocatedBytes);

/// <summary>
/// Mixed operations over a few connections: keys of all shards, commands over several of them, times to live that run
/// out, large values, errors, and connections that are closed and opened again. Replies are counted, not kept.
/// </summary>
internal sealed class MixedLoad : IDisposable
{
    private const int Connections = 8;
    private const int Pipeline = 50;
    private const int Keys = 20_000;
    private const int Counters = 500;
    private const int LargeEvery = 2000;

    private readonly int _port;
    private readonly Client[] _clients = new Client[Connections];
    private readonly byte[] _value = new byte[200_000];
    private ulong _random;

    public MixedLoad(int port, int seed)
    {
        _port = port;
        _random = (ulong)seed;
        _value.AsSpan().Fill((byte)'v');
        for (int i = 0; i < Connections; i++) _clients[i] = new Client(port);
    }

    /// <summary>Error replies so far; the mix has some.</summary>
    public long Errors { get; private set; }

    public void Run(long operations, int reconnects)
    {
        long reconnectEvery = Math.Max(1, operations / Math.Max(1, reconnects));
        long untilReconnect = reconnectEvery;
        for (long done = 0; done < operations;)
        {
            foreach (Client client in _clients)
            {
                for (int i = 0; i < Pipeline; i++) AddOperation(client);
                client.Send();
                done += Pipeline;
            }
            foreach (Client client in _clients) Errors += client.ReadReplies(Pipeline);
            untilReconnect -= Connections * Pipeline;
            if (untilReconnect > 0) continue;
            untilReconnect += reconnectEvery;
            int again = Next(Connections);
            _clients[again].Dispose();
            _clients[again] = new Client(_port);
        }
    }

    public HeapFigures ReadFigures()
    {
        string text = _clients[0].Ask("INFO memory\r\n");
        return new HeapFigures(FigureOf(text, "gc_collections"), FigureOf(text, "gc_allocated_bytes"));
    }

    public void Dispose()
    {
        foreach (Client client in _clients) client.Dispose();
    }

    private static long FigureOf(string text, string name)
    {
        int at = text.IndexOf($"\n{name}:", StringComparison.Ordinal) + name.Length + 2;
        return long.Parse(text.AsSpan(at, text.IndexOf('\r', at) - at), System.Globalization.CultureInfo.InvariantCulture);
    }

    private int Next(int bound)
    {
        ulong z = _random += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)((z ^ (z >> 31)) % (ulong)bound);
    }

    private void AddOperation(Client to)
    {
        if (Next(LargeEvery) == 0)
        {
            to.Begin(3).Add("SET"u8).Add("large:"u8, Next(20)).Add(_value.AsSpan(0, Next(_value.Length)));
            return;
        }
        int key = Next(Keys), counter = Next(Counters);
        ReadOnlySpan<byte> value = _value.AsSpan(0, 1 + Next(200));
        switch (Next(34))
        {
            case 0 or 1 or 2 or 3: to.Begin(3).Add("SET"u8).Add("key:"u8, key).Add(value); break;
            case 4 or 5 or 6 or 7: to.Begin(2).Add("GET"u8).Add("key:"u8, key); break;
            case 8: to.Begin(4).Add("SETEX"u8).Add("key:"u8, key).Add("10"u8).Add(value); break;
            case 9: to.Begin(5).Add("SET"u8).Add("key:"u8, key).Add(value).Add("PX"u8).Add(""u8, 1 + Next(20)); break;
            case 10: to.Begin(2).Add("INCR"u8).Add("counter:"u8, counter); break;
            case 11: to.Begin(3).Add("INCRBYFLOAT"u8).Add("float:"u8, counter).Add("1.25"u8); break;
            case 12: to.Begin(2).Add("DEL"u8).Add("key:"u8, key); break;
            case 13: to.Begin(4).Add("DEL"u8).Add("key:"u8, key).Add("key:"u8, Next(Keys)).Add("key:"u8, Next(Keys)); break;
            case 14: to.Begin(5).Add("MGET"u8).Add("key:"u8, key).Add("key:"u8, Next(Keys)).Add("key:"u8, Next(Keys)).Add("key:"u8, Next(Keys)); break;
            case 15: to.Begin(5).Add("MSET"u8).Add("key:"u8, key).Add(value).Add("key:"u8, Next(Keys)).Add(value); break;
            case 16: to.Begin(3).Add("EXISTS"u8).Add("key:"u8, key).Add("key:"u8, Next(Keys)); break;
            case 17: to.Begin(3).Add("EXPIRE"u8).Add("key:"u8, key).Add("30"u8); break;
            case 18: to.Begin(2).Add("TTL"u8).Add("key:"u8, key); break;
            case 19: to.Begin(3).Add("APPEND"u8).Add("key:"u8, key).Add("more"u8); break;
            case 20: to.Begin(4).Add("GETRANGE"u8).Add("key:"u8, key).Add("2"u8).Add("5"u8); break;
            case 21: to.Begin(3).Add("RENAME"u8).Add("key:"u8, key).Add("key:"u8, Next(Keys)); break;
            case 22: to.Begin(4).Add("COPY"u8).Add("key:"u8, key).Add("key:"u8, Next(Keys)).Add("REPLACE"u8); break;
            case 23: to.Begin(2).Add("TYPE"u8).Add("key:"u8, key); break;
            case 24: to.Begin(1).Add("DBSIZE"u8); break;
            case 25: to.Begin(4).Add("SCAN"u8).Add("0"u8).Add("COUNT"u8).Add("20"u8); break;
            case 26: to.Begin(2).Add("GET"u8).Add("large:"u8, Next(20)); break;
            case 27: to.Begin(1).Add("RANDOMKEY"u8); break;
            case 28: to.Begin(2).Add("INCR"u8).Add("large:"u8, Next(20)); break;
            case 29: to.Begin(1).Add("GET"u8); break;
            case 30: to.Begin(2).Add("NOSUCHCOMMAND"u8).Add(value); break;
            case 31: to.Begin(3).Add("OBJECT"u8).Add("ENCODING"u8).Add("key:"u8, key); break;
            case 32: to.Begin(1).Add("PING"u8); break;
            default: to.Begin(2).Add("SELECT"u8).Add(Next(20) == 0 ? "1"u8 : "0"u8); break;
        }
    }

    /// <summary>One connection with its buffers, which are made once.</summary>
    private sealed class Client : IDisposable
    {
        private readonly Socket _socket;
        private readonly byte[] _out = new byte[16 << 20];
        private readonly byte[] _in = new byte[1 << 18];
        private int _written;
        private int _start;
        private int _end;

        public Client(int port)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _socket.Connect("127.0.0.1", port);
            _socket.ReceiveTimeout = 60_000;
        }

        public Client Begin(int arguments)
        {
            _out[_written++] = (byte)'*';
            WriteLine(arguments);
            return this;
        }

        public Client Add(ReadOnlySpan<byte> argument)
        {
            _out[_written++] = (byte)'$';
            WriteLine(argument.Length);
            argument.CopyTo(_out.AsSpan(_written));
            _written += argument.Length;
            return EndLine();
        }

        public Client Add(ReadOnlySpan<byte> prefix, int number)
        {
            Span<byte> text = stackalloc byte[40];
            prefix.CopyTo(text);
            Utf8Formatter.TryFormat(number, text[prefix.Length..], out int length);
            return Add(text[..(prefix.Length + length)]);
        }

        public void Send()
        {
            for (int sent = 0; sent < _written;) sent += _socket.Send(_out.AsSpan(sent, _written - sent));
            _written = 0;
        }

        /// <summary>Reads so many whole replies; answers how many of them were errors.</summary>
        public long ReadReplies(int count)
        {
            long errors = 0;
            for (long left = count; left > 0; left--)
            {
                byte type = ReadLine(out long number);
                if (type == '-') errors++;
                else if (type == '$' && number >= 0) Skip(number + 2);
                else if (type == '*' && number > 0) left += number;
            }
            return errors;
        }

        public string Ask(string request)
        {
            _socket.Send(Encoding.ASCII.GetBytes(request));
            ReadLine(out long length);
            var text = new StringBuilder();
            for (long left = length + 2; left > 0; left--)
            {
                if (_start == _end) Fill();
                text.Append((char)_in[_start++]);
            }
            return text.ToString();
        }

        public void Dispose() => _socket.Dispose();

        private void WriteLine(int number)
        {
            Utf8Formatter.TryFormat(number, _out.AsSpan(_written), out int length);
            _written += length;
            EndLine();
        }

        private Client EndLine()
        {
            _out[_written++] = (byte)'\r';
            _out[_written++] = (byte)'\n';
            return this;
        }

        private byte ReadLine(out long number)
        {
            int end;
            while ((end = _in.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0) Fill();
            byte type = _in[_start];
            if (!Utf8Parser.TryParse(_in.AsSpan(_start + 1, end), out number, out _)) number = 0;
            _start += end + 1;
            return type;
        }

        private void Skip(long bytes)
        {
            while (bytes > _end - _start)
            {
                bytes -= _end - _start;
                _start = _end;
                Fill();
            }
            _start += (int)bytes;
        }

        private void Fill()
        {
            _in.AsSpan(_start, _end - _start).CopyTo(_in);
            (_start, _end) = (0, _end - _start);
            int received = _socket.Receive(_in.AsSpan(_end));
            if (received == 0) throw new EndOfStreamException("the server has closed the connection");
            _end += received;
        }
    }
}
