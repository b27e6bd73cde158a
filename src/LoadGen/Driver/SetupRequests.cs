using System.Text;
using Anax.LoadGen.Options;

namespace Anax.LoadGen.Driver;

/// <summary>What every connection sends before the load: HELLO, AUTH or a greeting, each with its name for messages.</summary>
internal sealed class SetupRequests
{
    private readonly List<string> _names = [];

    public SetupRequests(BenchOptions options)
    {
        StringBuilder bytes = new();
        if (options.Protocol == BenchProtocol.MemcacheText)
        {
            if (options.Greet) Add(bytes, "version", "version\r\n");
        }
        else if (options.Protocol == BenchProtocol.Resp3)
        {
            string user = options.User.Length != 0 ? options.User : "default";
            string[] login = options.Password.Length != 0 ? ["AUTH", user, options.Password] : [];
            Add(bytes, "HELLO 3", Request(["HELLO", "3", .. login]));
        }
        else if (options.Password.Length != 0)
        {
            Add(bytes, "AUTH", Request(
                options.User.Length != 0 ? ["AUTH", options.User, options.Password] : ["AUTH", options.Password]));
        }
        else if (options.Greet)
        {
            Add(bytes, "PING", Request("PING"));
        }

        Bytes = Encoding.UTF8.GetBytes(bytes.ToString());
    }

    public byte[] Bytes { get; }

    /// <summary>One per answer that will come.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>A request of RESP.</summary>
    public static string Request(params ReadOnlySpan<string> arguments)
    {
        StringBuilder text = new($"*{arguments.Length}\r\n");
        foreach (string argument in arguments) text.Append($"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
        return text.ToString();
    }

    private void Add(StringBuilder bytes, string name, string request)
    {
        bytes.Append(request);
        _names.Add(name);
    }
}
