namespace Anax.Server.Options;

/// <summary>One option with its words, and where it was written.</summary>
internal sealed record Directive(string Name, string[] Words, string Line, string? File = null, int LineNumber = 0);

/// <summary>Ends a start; the message and the directive say why and where.</summary>
internal sealed class OptionException(string message, Directive? directive = null) : Exception(message)
{
    public Directive? Directive { get; } = directive;
}
