namespace Anax.LoadGen.Options;

/// <summary>The command line cannot be followed: the message is the one line that the user gets.</summary>
public sealed class OptionException(string message) : Exception(message);
