namespace Anax.Bench.HeadToHead.Settings;

/// <summary>The comparison cannot be made like this: the message is the one line that the user gets.</summary>
internal sealed class SettingsException(string message) : Exception(message);
