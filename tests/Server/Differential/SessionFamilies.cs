namespace Anax.Tests.Server.Differential;

/// <summary>
/// The templates of families in which several clients of a server take part; see <see cref="CommandGrammar"/> and
/// <see cref="ScriptGrammar"/>. Beside those x is a channel, P a pattern of channels, m a message that is unique, c one of the
/// clients, @2 the third of them, R the protocol; what stands on both sides of a ; is sent in one write.
/// </summary>
internal static class SessionFamilies
{
    // DBSIZE is left out: which expired keys were met and are gone is each server's own affair.
    public static readonly string[] Transactions =
    [
        "MULTI", "MULTI", "MULTI", "MULTI", "EXEC", "EXEC", "EXEC", "EXEC", "EXEC", "EXEC", "DISCARD", "WATCH k*", "WATCH k", "WATCH k k", "UNWATCH",
        "WATCH k ; MULTI ; SET k v ; EXEC", "WATCH k ; MULTI ; MSET k_v* ; GET k ; EXEC", "MULTI ; INCR k ; EXEC", "MULTI ; SET k v ; GET k ; DEL k* ; EXEC",
        "SET k v", "SET k v", "SET k i", "SET k i", "GET k", "GET k", "INCR k", "INCR k", "INCRBY k i", "APPEND k v", "MGET k*", "MSET k_v*", "DEL k*",
        "DEL k", "MSETNX k_v*", "RENAME k k", "RENAMENX k k", "COPY k k", "EXISTS k*", "GETDEL k", "SETRANGE k 3 v", "LCS k k LEN|IDX", "EXPIRE k n",
        "PEXPIREAT k 1", "PERSIST k", "TYPE k", "SELECT d", "SELECT 0", "SWAPDB 0 1", "MOVE k d", "FLUSHDB", "UNLINK k*", "TOUCH k*",
        "EVAL s 2 k k v", "PUBLISH x m", "PING", "ECHO v", "CLIENT SETNAME foo", "CLIENT GETNAME", "CONFIG GET hz", "NOSUCH v", "MULTI x", "EXEC x", "WATCH",
        "RESET ; HELLO R", "SET k1 v PX 25 ; WATCH k1", "SET k2 v PX 25 ; WATCH k2 k3", "WATCH k1 ; SET k1 v PX 25", "SET k3 v PX 25",
    ];

    public static readonly string[] Scripts =
    [
        "EVAL s 2 k k v v", "EVAL s 2 k k v v", "EVAL s 2 k k v v", "EVAL s 3 k k k v v v", "EVAL s 1 k v*", "EVAL s 0 v*", "EVAL s 0", "EVAL s i k v",
        "EVAL v 0",
        "EVAL_RO s 2 k k v v", "EVAL_RO s 2 k k v v", "EVALSHA h 2 k k v", "EVALSHA h 2 k k v v", "EVALSHA h 0", "EVALSHA_RO h 1 k", "EVALSHA_RO h i k",
        "SCRIPT LOAD s", "SCRIPT EXISTS h*", "SCRIPT SHOW h", "SCRIPT KILL", "SCRIPT HELP", "SCRIPT DEBUG NO|v", "SCRIPT v", "SCRIPT",
        "SCRIPT FLUSH [SYNC|ASYNC|v]",
        "FUNCTION LOAD l", "FUNCTION LOAD REPLACE l", "FUNCTION LOAD REPLACE l", "FUNCTION LOAD REPLACE l", "FUNCTION LOAD v l", "FUNCTION LIST",
        "FUNCTION LIST [LIBRARYNAME_p] [WITHCODE] [LIBRARYNAME_L]", "FUNCTION LIST LIBRARYNAME L", "FUNCTION DELETE L", "FUNCTION FLUSH SYNC|v",
        "FUNCTION KILL",
        "FUNCTION HELP", "FUNCTION v", "FUNCTION DUMP", "FUNCTION RESTORE v [FLUSH|APPEND|REPLACE|v]", "FUNCTION STATS",
        "FCALL F 2 k k v v", "FCALL F 2 k k v v", "FCALL F 2 k k v v", "FCALL F 1 k v", "FCALL F 0", "FCALL F i k", "FCALL_RO F 2 k k v v", "FCALL_RO F 0",
        "SCRIPT LOAD s ; EVALSHA h 2 k k v v", "FCALL g0|g2 2 k k v", "FCALL g0 3 k k k i", "FCALL_RO g1|g3 2 k k v",
        "SET k v", "SET k i", "GET k", "MGET k*", "DEL k", "MSET k_v*", "SELECT d", "SELECT 0",
        "MULTI ; EVAL s 2 k k v v ; EVALSHA h 1 k v ; FCALL F 1 k v ; FCALL_RO g1 2 k k ; EXEC",
        "WATCH k ; EVAL s 2 k k v v ; MULTI ; GET k ; EXEC", "COMMAND GETKEYS EVAL s i k k v", "COMMAND GETKEYS FCALL F i k k v",
    ];

    public static readonly string[] Subscribers =
    [
        "SUBSCRIBE x*", "SUBSCRIBE x", "UNSUBSCRIBE x*", "UNSUBSCRIBE", "PSUBSCRIBE P*", "PSUBSCRIBE P", "PUNSUBSCRIBE P*", "PUNSUBSCRIBE", "SSUBSCRIBE x*",
        "SUNSUBSCRIBE x*", "SUNSUBSCRIBE", "PUBLISH x m", "PUBLISH x m", "PUBLISH x m", "PUBLISH x m", "PUBLISH x m", "SPUBLISH x m", "SPUBLISH x m",
        "PUBLISH x m", "PUBLISH x m", "PUBLISH x m", "PUBLISH x m ; PUBLISH x m ; PUBLISH x m ; SPUBLISH x m",
        "PUBLISH x m ; PUBLISH x m ; PUBLISH x m ; SPUBLISH x m", "PUBLISH x m ; PUBLISH x m ; PUBLISH x m ; SPUBLISH x m",
        "PUBSUB CHANNELS [P]", "PUBSUB SHARDCHANNELS [P]", "PUBSUB NUMSUB x*",
        "PUBSUB SHARDNUMSUB x*",
        "PUBSUB NUMPAT", "PUBSUB v", "PING", "PING v", "GET k", "SET k v", "ECHO v", "WATCH k", "CLIENT GETNAME", "EVAL y 1 x m", "EVAL y 1 k m",
        "PUBLISH x m ; EVAL y 1 x m ; PUBLISH x m ; EVAL y 1 x m", "MULTI", "EXEC", "EXEC", "DISCARD", "MULTI ; PUBLISH x m ; PUBLISH x m ; EXEC",
        "MULTI ; SUBSCRIBE x ; PUBLISH x m ; UNSUBSCRIBE x ; PSUBSCRIBE P ; PUNSUBSCRIBE P ; EXEC",
        "MULTI ; EVAL y 1 x m ; SSUBSCRIBE x ; SUNSUBSCRIBE x ; EXEC",
        "RESET ; HELLO R",
    ];

    // SWAPDB is left out: who tracks hears of it here as of a flush, and nothing from Valkey, where it goes on with stale values.
    public static readonly string[] Tracking =
    [
        "CLIENT TRACKING ON", "CLIENT TRACKING OFF", "CLIENT TRACKING ON [REDIRECT_c] [BCAST] [PREFIX_k] [PREFIX_a] [OPTIN] [OPTOUT] [NOLOOP]",
        "CLIENT TRACKING ON REDIRECT @2 [NOLOOP]", "CLIENT TRACKING ON REDIRECT @2 [OPTIN|OPTOUT]",
        "CLIENT TRACKING OFF ; CLIENT TRACKING ON BCAST [REDIRECT_@2] PREFIX k1|k [NOLOOP]",
        "CLIENT TRACKING OFF ; CLIENT TRACKING ON BCAST [REDIRECT_@2] [NOLOOP]", "CLIENT TRACKING OFF ; CLIENT TRACKING ON [REDIRECT_@2] OPTIN|OPTOUT|NOLOOP",
        "CLIENT TRACKING ON|OFF|v [REDIRECT_-1|REDIRECT_0|REDIRECT_abc] [v]", "CLIENT TRACKING on bcast prefix k", "CLIENT CACHING YES", "CLIENT CACHING NO",
        "CLIENT CACHING v", "CLIENT TRACKINGINFO",
        "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "GET k", "GET k", "GET k", "GET k", "GET k", "MGET k*", "MGET k*", "SET k v", "SET k v", "SET k v",
        "MSET k_v*", "MSETNX k_v*",
        "DEL k*", "INCR k", "APPEND k v", "EXPIRE k n", "PEXPIREAT k 1", "RENAME k k", "COPY k k", "EXISTS k*", "STRLEN k", "TYPE k", "TOUCH k*", "GETDEL k",
        "GETEX k PERSIST",
        "GETSET k v", "SETRANGE k 3 v", "LCS k k", "FLUSHDB", "SELECT 0|1", "MOVE k 1", "PERSIST k", "RESET ; HELLO R", "SET k4 v PX 25 ; GET k4",
        "MULTI ; GET k ; SET k v ; EXEC", "MULTI ; MGET k* ; EXEC", "MULTI", "EXEC", "EXEC",
        "MULTI ; CLIENT TRACKING ON ; GET k ; CLIENT TRACKING OFF ; GET k ; EXEC",
        "MULTI ; GET k ; CLIENT TRACKING OFF ; CLIENT TRACKING ON OPTIN|OPTOUT|NOLOOP ; GET k ; CLIENT CACHING YES|NO ; GET k ; SET k v ; EXEC",
        "CLIENT CACHING YES|NO ; GET ; GET k", "CLIENT CACHING YES|NO ; GET k ; MULTI ; GET k ; EXEC",
        "CLIENT TRACKING ON REDIRECT @2 ; GET k ; MGET k*", "CLIENT TRACKING ON REDIRECT @2 ; GET k ; MGET k*",
        "CLIENT TRACKING OFF ; CLIENT TRACKING ON REDIRECT @2 ; MGET k1 k2 k3 k4 ; MSET k1 v k2 v k3 v k4 v",
        "CLIENT TRACKING OFF ; CLIENT TRACKING ON REDIRECT @2 ; MGET k5 k6 k7 k8 ; MSET k5 v k6 v k7 v k8 v", "MGET k* ; MSET k_v*",
        "MGET k1 k2 k3 k4 k5 k6 k7 k8", "MSET k1 v k2 v k3 v", "MSET k4 v k5 v k6 v k7 v k8 v",
    ];
}
