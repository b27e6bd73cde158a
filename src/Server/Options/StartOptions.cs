using System.Text;

namespace Anax.Server.Options;

/// <summary>
/// What the command line, and the files that it names, ask for: settings to start with, a text to print (help,
/// version), or the reason why the server does not start.
/// </summary>
public sealed class StartOptions
{
    private StartOptions() { }

    /// <summary>Null when there is nothing to start: then <see cref="Output"/> or <see cref="Error"/> is set.</summary>
    public ServerSettings? Settings { get; private init; }
    /// <summary>The file that CONFIG REWRITE writes; null where the server was started without one.</summary>
    public string? ConfigFile { get; private init; }
    /// <summary>For standard output; the process then ends with 0.</summary>
    public string? Output { get; private init; }
    /// <summary>For standard error; the process then ends with 1.</summary>
    public string? Error { get; private init; }
    /// <summary>Lines for the log, once it is open.</summary>
    public IReadOnlyList<string> Notices { get; private init; } = [];

    /// <summary>
    /// Reads a configuration file (if the first argument names one), then standard input (if "-" stands first or last),
    /// then the options in their order; what comes later wins.
    /// </summary>
    public static StartOptions Read(string[] arguments, Stream standardInput, string version)
    {
        try
        {
            var line = CommandLine.Read(Array.ConvertAll(arguments, OptionText.FromNative));
            if (line.Asks == CommandLineQuestion.Help)
                return new StartOptions { Output = OptionHelp.Write() };
            if (line.Asks == CommandLineQuestion.Version)
                return new StartOptions { Output = $"anax {version}\n" };

            var loader = new OptionLoader();
            var file = line.ConfigFile is null ? null : loader.ReadFile(OptionText.ToNative(line.ConfigFile));
            if (line.ReadsStandardInput)
                loader.ReadStream(standardInput);
            foreach (var directive in line.Directives)
                loader.Apply(directive);
            var values = loader.Finish();
            return new StartOptions
            {
                Settings = new ServerSettings(values),
                ConfigFile = file,
                Notices = loader.Notices,
            };
        }
        catch (OptionException refused)
        {
            return new StartOptions { Error = Explain(refused, version) };
        }
    }

    private static string Explain(OptionException refused, string version)
    {
        var text = new StringBuilder($"\n*** FATAL CONFIG ERROR (anax {version}) ***\n");
        if (refused.Directive is { } directive)
        {
            text.Append(directive.File is null
                ? "Reading the command line\n"
                : $"Reading the configuration file {directive.File}, at line {directive.LineNumber}\n");
            text.Append($">>> '{OptionText.ToNative(directive.Line)}'\n");
        }
        return text.Append(OptionText.ToNative(refused.Message)).Append('\n').ToString();
    }
}
