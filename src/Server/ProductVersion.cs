namespace Anax.Server;

/// <summary>What the server calls itself and which Redis its clients may take it for.</summary>
public static class ProductVersion
{
    /// <summary>The same as the assembly's; a constant, because metadata costs time at start.</summary>
    public const string Text = "0.1.0";
}
