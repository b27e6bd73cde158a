namespace Anax.Scripting;

/// <summary>The commands that run scripts, in the order of their rows.</summary>
internal enum ScriptKind : byte { Eval, EvalSha, EvalReadOnly, EvalShaReadOnly, Call, CallReadOnly }

/// <summary>How they differ.</summary>
internal static class ScriptKinds
{
    internal static bool IsFunction(this ScriptKind kind) => kind >= ScriptKind.Call;

    internal static bool IsReadOnly(this ScriptKind kind) =>
        kind is ScriptKind.EvalReadOnly or ScriptKind.EvalShaReadOnly or ScriptKind.CallReadOnly;

    internal static bool IsByDigest(this ScriptKind kind) => kind is ScriptKind.EvalSha or ScriptKind.EvalShaReadOnly;
}
