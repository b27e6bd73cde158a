namespace Anax.Protocol;

/// <summary>
/// Every error text of the server, word for word what Redis's clients and Valkey's tests expect. To add one:
/// a line here, an <see cref="ErrorReply"/> when the text is whole, an <see cref="ErrorTemplate"/> when it
/// has parts; and a member of <see cref="Outcome"/> with its arm in <see cref="For"/> only when shard code
/// must be able to return it. An error is sent with <c>reply.Error(Errors.X)</c>, parts with
/// <c>reply.Error(Errors.Y, part)</c>.
/// </summary>
public static class Errors
{
    /// <summary>The reply for an outcome; empty for those that are no errors.</summary>
    public static ErrorReply For(Outcome outcome) => outcome switch
    {
        Outcome.Ok => default,
        Outcome.NotFound => default,
        Outcome.NotDone => default,
        Outcome.WrongType => WrongType,
        Outcome.NotInteger => NotInteger,
        Outcome.NotFloat => NotFloat,
        Outcome.OutOfRange => OutOfRange,
        Outcome.IndexOutOfRange => IndexOutOfRange,
        Outcome.OffsetOutOfRange => OffsetOutOfRange,
        Outcome.Overflow => Overflow,
        Outcome.DecrementOverflow => DecrementOverflow,
        Outcome.NanOrInfinity => NanOrInfinity,
        Outcome.StringTooLong => StringTooLong,
        Outcome.OutOfMemory => OutOfMemory,
        Outcome.Syntax => Syntax,
        Outcome.NoSuchKey => NoSuchKey,
        Outcome.SameObject => SameObject,
        Outcome.BusyKey => BusyKey,
        Outcome.InvalidDb => InvalidDb,
        Outcome.InvalidCursor => InvalidCursor,
        Outcome.DigestLength => DigestLength,
        Outcome.NotHyperLogLog => NotHyperLogLog,
        Outcome.CorruptHyperLogLog => CorruptHyperLogLog,
    };

    // --- Values and arguments ----------------------------------------------------------------------------

    public static ErrorReply WrongType =>
        new("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"u8);
    public static ErrorReply NotInteger => new("-ERR value is not an integer or out of range\r\n"u8);
    public static ErrorReply NotFloat => new("-ERR value is not a valid float\r\n"u8);
    public static ErrorReply OutOfRange => new("-ERR value is out of range\r\n"u8);
    public static ErrorReply OutOfRangePositive => new("-ERR value is out of range, must be positive\r\n"u8);
    public static ErrorTemplate OutOfRangeBetween => new(
        "-ERR value is out of range, value must between "u8,
        " and "u8,
        default);
    public static ErrorReply IndexOutOfRange => new("-ERR index out of range\r\n"u8);
    public static ErrorReply Syntax => new("-ERR syntax error\r\n"u8);
    public static ErrorReply ConditionNeedsString => new("-ERR Key should be of string type if conditions are specified\r\n"u8);
    public static ErrorReply InvalidDeleteCondition => new("-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE\r\n"u8);
    public static ErrorReply DigestLength => new("-ERR must be exactly 16 hexadecimal characters\r\n"u8);
    public static ErrorReply ZeroRate => new("-ERR zero rates are not supported\r\n"u8);
    public static ErrorReply NoSuchKey => new("-ERR no such key\r\n"u8);
    public static ErrorReply SameObject => new("-ERR source and destination objects are the same\r\n"u8);
    public static ErrorReply BusyKey => new("-BUSYKEY Target key name already exists.\r\n"u8);
    public static ErrorTemplate InvalidExpireTime => new("-ERR invalid expire time in '"u8, "' command"u8);
    public static ErrorTemplate WrongArity => new("-ERR wrong number of arguments for '"u8, "' command"u8);
    public static ErrorReply TimeoutNotInteger => new("-ERR timeout is not an integer or out of range\r\n"u8);
    public static ErrorReply TimeoutNotFloat => new("-ERR timeout is not a float or out of range\r\n"u8);
    public static ErrorReply TimeoutOutOfRange => new("-ERR timeout is out of range\r\n"u8);
    public static ErrorReply TimeoutNegative => new("-ERR timeout is negative\r\n"u8);
    public static ErrorReply InvalidNumKeys => new("-ERR invalid numkeys value or out of range\r\n"u8);
    public static ErrorReply CountTooSmall => new("-ERR count should be greater than or equal to -1\r\n"u8);

    // --- Lists -------------------------------------------------------------------------------------------

    public static ErrorReply ListRankZero => new(
        "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "u8 +
        "or use negative to start from the end of the list\r\n"u8);
    public static ErrorReply ListCountNegative => new("-ERR COUNT can't be negative\r\n"u8);
    public static ErrorReply ListMaxLengthNegative => new("-ERR MAXLEN can't be negative\r\n"u8);
    public static ErrorReply KeyCountNotPositive => new("-ERR numkeys should be greater than 0\r\n"u8);
    public static ErrorReply CountNotPositive => new("-ERR count should be greater than 0\r\n"u8);
    public static ErrorReply SortScores => new("-ERR One or more scores can't be converted into double\r\n"u8);

    // --- Strings -----------------------------------------------------------------------------------------

    public static ErrorReply StringTooLong =>
        new("-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"u8);
    public static ErrorReply OffsetOutOfRange => new("-ERR offset is out of range\r\n"u8);
    public static ErrorReply Overflow => new("-ERR increment or decrement would overflow\r\n"u8);
    public static ErrorReply DecrementOverflow => new("-ERR decrement would overflow\r\n"u8);
    public static ErrorReply NanOrInfinity => new("-ERR increment would produce NaN or Infinity\r\n"u8);
    public static ErrorReply LcsNotStrings => new("-ERR The specified keys must contain string values\r\n"u8);
    public static ErrorReply LcsLenAndIdx =>
        new("-ERR If you want both the length and indexes, please just use IDX.\r\n"u8);
    public static ErrorReply LcsTooLong => new("-ERR String too long for LCS\r\n"u8);
    public static ErrorReply LcsOverLimit =>
        new("-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n"u8);
    public static ErrorReply LcsNoMemory =>
        new("-ERR Insufficient memory, failed allocating transient memory for LCS\r\n"u8);

    // --- Bitmaps and HyperLogLogs ------------------------------------------------------------------------

    public static ErrorReply BitOffset => new("-ERR bit offset is not an integer or out of range\r\n"u8);
    public static ErrorReply BitValue => new("-ERR bit is not an integer or out of range\r\n"u8);
    public static ErrorReply BitArgument => new("-ERR The bit argument must be 1 or 0.\r\n"u8);
    public static ErrorReply BitOpNotOfMany =>
        new("-ERR BITOP NOT must be called with a single source key.\r\n"u8);
    public static ErrorReply BitFieldType => new(
        "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 "u8 +
        "is.\r\n"u8);
    public static ErrorReply BitFieldOverflow => new("-ERR Invalid OVERFLOW type specified\r\n"u8);
    public static ErrorReply BitFieldReadOnly => new("-ERR BITFIELD_RO only supports the GET subcommand\r\n"u8);
    public static ErrorReply NotHyperLogLog =>
        new("-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"u8);
    public static ErrorReply CorruptHyperLogLog => new("-INVALIDOBJ Corrupted HLL object detected\r\n"u8);
    public static ErrorReply NoKeyToDebug => new("-ERR The specified key does not exist\r\n"u8);
    public static ErrorReply NotSparse => new("-ERR HLL encoding is not sparse\r\n"u8);
    public static ErrorReply OnOrOff => new("-ERR Argument must be ON or OFF\r\n"u8);
    public static ErrorTemplate UnknownPfDebug => new("-ERR Unknown PFDEBUG subcommand '"u8, "'"u8);
    public static ErrorTemplate SelfTestRegister => new("-ERR TESTFAILED Register "u8, " should be "u8, " but is not"u8);
    public static ErrorReply SelfTestNotSparse => new("-ERR TESTFAILED sparse encoding not used\r\n"u8);
    public static ErrorReply SelfTestDisagrees => new("-ERR TESTFAILED dense/sparse disagree\r\n"u8);
    public static ErrorTemplate SelfTestError => new("-ERR TESTFAILED Too big error. card:"u8, " abserr:"u8, default);

    // --- Sets --------------------------------------------------------------------------------------------

    public static ErrorReply NumKeysTooSmall => new("-ERR numkeys should be greater than 0\r\n"u8);
    public static ErrorReply NumKeysTooLarge =>
        new("-ERR Number of keys can't be greater than number of args\r\n"u8);
    public static ErrorReply LimitNegative => new("-ERR LIMIT can't be negative\r\n"u8);

    // --- Hashes ------------------------------------------------------------------------------------------

    public static ErrorReply HashNotInteger => new("-ERR hash value is not an integer\r\n"u8);
    public static ErrorReply HashNotFloat => new("-ERR hash value is not a float\r\n"u8);
    public static ErrorReply IsNanOrInfinity => new("-ERR value is NaN or Infinity\r\n"u8);
    public static ErrorReply NumFieldsMismatch => new(
        "-ERR numfields should be greater than 0 and match the provided number of fields\r\n"u8);
    public static ErrorReply NumMembersMismatch => new(
        "-ERR nummembers should be greater than 0 and match the provided number of members\r\n"u8);

    // --- Keys and databases ------------------------------------------------------------------------------

    public static ErrorReply InvalidDb => new("-ERR DB index is out of range\r\n"u8);
    public static ErrorReply InvalidFirstDb => new("-ERR invalid first DB index\r\n"u8);
    public static ErrorReply InvalidSecondDb => new("-ERR invalid second DB index\r\n"u8);
    public static ErrorReply InvalidCursor => new("-ERR invalid cursor\r\n"u8);
    public static ErrorTemplate UnknownTypeName => new("-ERR unknown type name '"u8, "'"u8);
    public static ErrorReply NoValuesOnlyHscan => new("-ERR NOVALUES option can only be used in HSCAN\r\n"u8);
    public static ErrorReply NoScoresOnlyZscan => new("-ERR NOSCORES option can only be used in ZSCAN\r\n"u8);
    public static ErrorReply SlotOnce => new("-ERR SLOT option can only be specified once\r\n"u8);
    public static ErrorTemplate UnsupportedOption => new("-ERR Unsupported option "u8, default);
    public static ErrorReply ExpireNxWithOthers =>
        new("-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"u8);
    public static ErrorReply ExpireGtWithLt =>
        new("-ERR GT and LT options at the same time are not compatible\r\n"u8);
    public static ErrorReply IdleTimeNotTracked => new(
        "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "u8 +
        "switching between policies at runtime LRU and LFU data will take some time to adjust.\r\n"u8);
    public static ErrorReply FrequencyNotTracked => new(
        "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note "u8 +
        "that when switching between policies at runtime LRU and LFU data will take some time to "u8 +
        "adjust.\r\n"u8);
    public static ErrorReply ClusterDisabled => new("-ERR This instance has cluster support disabled\r\n"u8);

    // --- Sorted sets and places --------------------------------------------------------------------------

    public static ErrorReply ScoreNxWithXx =>
        new("-ERR XX and NX options at the same time are not compatible\r\n"u8);
    public static ErrorReply ScoreGtWithLt =>
        new("-ERR GT, LT, and/or NX options at the same time are not compatible\r\n"u8);
    public static ErrorReply IncrementsOnePair =>
        new("-ERR INCR option supports a single increment-element pair\r\n"u8);
    public static ErrorReply ScoreNotANumber => new("-ERR resulting score is not a number (NaN)\r\n"u8);
    public static ErrorReply RangeNotFloat => new("-ERR min or max is not a float\r\n"u8);
    public static ErrorReply RangeNotMembers => new("-ERR min or max not valid string range item\r\n"u8);
    public static ErrorReply RangeLimit => new(
        "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n"u8);
    public static ErrorReply RangeScoresByLex =>
        new("-ERR syntax error, WITHSCORES not supported in combination with BYLEX\r\n"u8);
    public static ErrorReply PopCountTooSmall => new("-ERR count should be greater than 0\r\n"u8);
    public static ErrorTemplate NoInputKeys => new("-ERR at least 1 input key is needed for '"u8, "' command"u8);
    public static ErrorReply WeightNotFloat => new("-ERR weight value is not a float\r\n"u8);
    public static ErrorTemplate InvalidPlace => new("-ERR invalid longitude,latitude pair "u8, ","u8, default);
    public static ErrorTemplate NoSuchMember => new("-ERR member "u8, " does not exist"u8);
    public static ErrorReply UnknownUnit =>
        new("-ERR unsupported unit provided. please use M, KM, FT, MI\r\n"u8);
    public static ErrorReply RadiusNotNumber => new("-ERR need numeric radius\r\n"u8);
    public static ErrorReply RadiusNegative => new("-ERR radius cannot be negative\r\n"u8);
    public static ErrorReply WidthNotNumber => new("-ERR need numeric width\r\n"u8);
    public static ErrorReply HeightNotNumber => new("-ERR need numeric height\r\n"u8);
    public static ErrorReply BoxNegative => new("-ERR height or width cannot be negative\r\n"u8);
    public static ErrorReply GeoCountTooSmall => new("-ERR COUNT must be > 0\r\n"u8);
    public static ErrorReply VerticesNotNumber => new("-ERR invalid number of vertices\r\n"u8);
    public static ErrorReply TooFewVertices =>
        new("-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices\r\n"u8);
    public static ErrorReply StoreWithDetails =>
        new("-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n"u8);
    public static ErrorReply SearchStoreWithDetails =>
        new("-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n"u8);
    public static ErrorTemplate NoGeoCenter => new(
        "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for "u8,
        default);
    public static ErrorTemplate NoGeoShape => new(
        "-ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for "u8,
        default);
    public static ErrorReply AnyWithoutCount => new("-ERR the ANY argument requires COUNT argument\r\n"u8);

    // --- Streams -----------------------------------------------------------------------------------------

    public static ErrorReply StreamId => new("-ERR Invalid stream ID specified as stream command argument\r\n"u8);
    public static ErrorReply StreamIntervalStart => new("-ERR invalid start ID for the interval\r\n"u8);
    public static ErrorReply StreamIntervalEnd => new("-ERR invalid end ID for the interval\r\n"u8);
    public static ErrorReply TrimBothWays =>
        new("-ERR syntax error, MAXLEN and MINID options at the same time are not compatible\r\n"u8);
    public static ErrorReply TrimMaxLength => new("-ERR The MAXLEN argument must be >= 0.\r\n"u8);
    public static ErrorReply TrimLimit => new("-ERR The LIMIT argument must be >= 0.\r\n"u8);
    public static ErrorReply TrimLimitAlone =>
        new("-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy\r\n"u8);
    public static ErrorReply TrimLimitExact =>
        new("-ERR syntax error, LIMIT cannot be used without the special ~ option\r\n"u8);
    public static ErrorReply TrimNoStrategy =>
        new("-ERR syntax error, XTRIM must be called with a trimming strategy\r\n"u8);
    public static ErrorReply StreamIdZero => new("-ERR The ID specified in XADD must be greater than 0-0\r\n"u8);
    public static ErrorReply StreamIdsExhausted =>
        new("-ERR The stream has exhausted the last possible ID, unable to add more items\r\n"u8);
    public static ErrorReply StreamIdTooSmall => new(
        "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n"u8);
    public static ErrorReply StreamEntryTooLarge => new("-ERR Elements are too large to be stored\r\n"u8);
    public static ErrorReply SetIdBeforeGivenDeleted => new(
        "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id\r\n"u8);
    public static ErrorReply SetIdBeforeDeleted => new(
        "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id\r\n"u8);
    public static ErrorReply SetIdBeforeLast => new(
        "-ERR The ID specified in XSETID is smaller than the target stream top item\r\n"u8);
    public static ErrorReply EntriesAddedNegative => new("-ERR entries_added must be positive\r\n"u8);
    public static ErrorReply EntriesAddedTooSmall => new(
        "-ERR The entries_added specified in XSETID is smaller than the target stream length\r\n"u8);
    public static ErrorTemplate StreamsUnbalanced => new(
        "-ERR Unbalanced '"u8,
        "' list of streams: for each stream key an ID or '"u8,
        "' must be specified."u8);
    public static ErrorReply ReadWithGroup => new(
        "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.\r\n"u8);
    public static ErrorReply ReadWithNoAck => new(
        "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.\r\n"u8);
    public static ErrorReply ReadWithoutGroup => new("-ERR Missing GROUP option for XREADGROUP\r\n"u8);
    public static ErrorReply GroupReadsLast => new(
        "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of "u8 +
        "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would "u8 +
        "just return an empty result set.\r\n"u8);
    public static ErrorReply GroupReadsLastEntry => new(
        "-ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of "u8 +
        "this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would "u8 +
        "just return an empty result set.\r\n"u8);
    public static ErrorReply NewWithoutGroup => new(
        "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> "u8 +
        "option.\r\n"u8);
    public static ErrorTemplate NoGroupToRead => new(
        "-NOGROUP No such key '"u8,
        "' or consumer group '"u8,
        "' in XREADGROUP with GROUP option"u8);
    public static ErrorTemplate NoKeyOrGroup => new("-NOGROUP No such key '"u8, "' or consumer group '"u8, "'"u8);
    public static ErrorTemplate NoGroupOfKey => new("-NOGROUP No such consumer group '"u8, "' for key name '"u8, "'"u8);
    public static ErrorReply BusyGroup => new("-BUSYGROUP Consumer Group name already exists\r\n"u8);
    public static ErrorReply EntriesReadNegative =>
        new("-ERR value for ENTRIESREAD must be positive or -1\r\n"u8);
    public static ErrorReply GroupNeedsKey => new(
        "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use "u8 +
        "the MKSTREAM option to create an empty stream automatically.\r\n"u8);
    public static ErrorReply ClaimIdleTime => new("-ERR Invalid min-idle-time argument for XCLAIM\r\n"u8);
    public static ErrorReply AutoClaimIdleTime =>
        new("-ERR Invalid min-idle-time argument for XAUTOCLAIM\r\n"u8);
    public static ErrorReply ClaimIdle => new("-ERR Invalid IDLE option argument for XCLAIM\r\n"u8);
    public static ErrorReply ClaimTime => new("-ERR Invalid TIME option argument for XCLAIM\r\n"u8);
    public static ErrorReply ClaimRetryCount =>
        new("-ERR Invalid RETRYCOUNT option argument for XCLAIM\r\n"u8);
    public static ErrorTemplate ClaimOption => new("-ERR Unrecognized XCLAIM option '"u8, "'"u8);
    public static ErrorReply AutoClaimCount => new("-ERR COUNT must be > 0\r\n"u8);
    public static ErrorReply AutoClaimNoMemory => new(
        "-ERR Insufficient memory, failed allocating transient memory, COUNT too high.\r\n"u8);

    // --- The state of the server and of the connection ---------------------------------------------------

    public static ErrorReply OutOfMemory =>
        new("-OOM command not allowed when used memory > 'maxmemory'.\r\n"u8);
    public static ErrorReply Loading => new("-LOADING Redis is loading the dataset in memory\r\n"u8);
    public static ErrorReply Busy =>
        new("-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"u8);
    public static ErrorReply BusyFunction => new(
        "-BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN "u8 +
        "NOSAVE.\r\n"u8);
    public static ErrorReply NoScript => new("-NOSCRIPT No matching script.\r\n"u8);
    public static ErrorReply PrimaryDown =>
        new("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n"u8);
    public static ErrorReply ReadOnlyReplica =>
        new("-READONLY You can't write against a read only replica.\r\n"u8);
    public static ErrorReply NoReplicas => new("-NOREPLICAS Not enough good replicas to write.\r\n"u8);
    public static ErrorReply ReplicaNoKeyspace => new("-ERR Replica can't interact with the keyspace\r\n"u8);
    public static ErrorReply NoAuth => new("-NOAUTH Authentication required.\r\n"u8);
    public static ErrorReply WrongPassword =>
        new("-WRONGPASS invalid username-password pair or user is disabled.\r\n"u8);
    public static ErrorReply AuthWithoutPassword => new(
        "-ERR AUTH <password> called without any password configured for the default user. Are "u8 +
        "you sure your configuration is correct?\r\n"u8);
    public static ErrorTemplate NoPermissionCommand => new(
        "-NOPERM User "u8,
        " has no permissions to run the '"u8,
        "' command"u8);
    public static ErrorReply NoPermissionKey => new("-NOPERM No permissions to access a key\r\n"u8);
    public static ErrorReply NoPermissionChannel => new("-NOPERM No permissions to access a channel\r\n"u8);
    public static ErrorReply NoPermissionDb => new("-NOPERM No permissions to access database\r\n"u8);
    public static ErrorTemplate SubscriberOnly => new(
        "-ERR Can't execute '"u8,
        "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"u8);
    public static ErrorReply MaxClients => new("-ERR max number of clients reached\r\n"u8);
    public static ErrorReply ProtectedMode => new(
        "-DENIED Running in protected mode because protected mode is enabled and no password is "u8 +
        "set for the default user. In this mode connections are only accepted from the loopback "u8 +
        "interface. If you want to connect from external computers, you may adopt one of the "u8 +
        "following solutions: 1) Just disable protected mode sending the command 'CONFIG SET "u8 +
        "protected-mode no' from the loopback interface by connecting from the same host the "u8 +
        "server is running, however MAKE SURE it's not publicly accessible from internet if you "u8 +
        "do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just "u8 +
        "disable the protected mode by editing the configuration file, and setting the protected "u8 +
        "mode option to 'no', and then restarting the server. 3) If you started the server "u8 +
        "manually just for testing, restart it with the '--protected-mode no' option. 4) Set up "u8 +
        "an authentication password for the default user. NOTE: You only need to do one of the "u8 +
        "above things in order for the server to start accepting connections from the outside.\r\n"u8);
    public static ErrorTemplate CommandNotAllowed => new(
        "-ERR "u8,
        " command not allowed. If the "u8,
        " option is set to \"local\", you can run it from a local connection, otherwise you need "u8 +
        "to set this option in the configuration file, and then restart the server."u8);

    // --- MULTI -------------------------------------------------------------------------------------------

    public static ErrorReply ExecAbort =>
        new("-EXECABORT Transaction discarded because of previous errors.\r\n"u8);
    public static ErrorTemplate ExecAbortBecause => new(
        "-EXECABORT Transaction discarded because of: "u8,
        default);
    public static ReadOnlySpan<byte> ExecAsSubscriber =>
        "Can't execute 'exec': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"u8;
    public static ErrorTemplate NotInTransaction => new(
        "-ERR Command '"u8,
        "' not allowed inside a transaction"u8);
    public static ErrorReply ExecWithoutMulti => new("-ERR EXEC without MULTI\r\n"u8);
    public static ErrorReply DiscardWithoutMulti => new("-ERR DISCARD without MULTI\r\n"u8);

    // --- Scripts -----------------------------------------------------------------------------------------

    public static ErrorReply TooManyKeys => new("-ERR Number of keys can't be greater than number of args\r\n"u8);
    public static ErrorReply NegativeKeyCount => new("-ERR Number of keys can't be negative\r\n"u8);
    public static ErrorReply BadKeyCount => new("-ERR Bad number of keys provided\r\n"u8);
    public static ErrorReply FunctionNotFound => new("-ERR Function not found\r\n"u8);
    public static ErrorReply LibraryNotFound => new("-ERR Library not found\r\n"u8);
    public static ErrorReply ScriptMayWrite =>
        new("-ERR Can not execute a script with write flag using *_ro command.\r\n"u8);
    public static ErrorReply ScriptOutOfMemory => new(
        "-OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'\r\n"u8);
    public static ErrorReply UnknownFromScript => new("-ERR Unknown command called from script\r\n"u8);
    public static ErrorReply ScriptWrongArity => new("-ERR Wrong number of args calling command from script\r\n"u8);
    public static ErrorReply NotFromScript => new("-ERR This Valkey command is not allowed from script\r\n"u8);
    public static ErrorReply ScriptIsReadOnly =>
        new("-ERR Write commands are not allowed from read-only scripts.\r\n"u8);
    public static ErrorReply ScriptStrays => new(
        "-ERR Script needs keys that it has not declared, and holds some for which another script that does so too waits; "u8 +
        "declare all keys, or run it again\r\n"u8);
    public static ErrorReply InvalidAclCheck =>
        new("-ERR Invalid command passed to server.acl_check_cmd()\r\n"u8);
    public static ErrorReply NotBusy => new("-NOTBUSY No scripts in execution right now.\r\n"u8);
    public static ErrorReply Unkillable => new(
        "-UNKILLABLE Sorry the script already executed write commands against the dataset. You can either "u8 +
        "wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE "u8 +
        "command.\r\n"u8);
    public static ErrorReply ScriptFlushMode => new("-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n"u8);
    public static ErrorReply ScriptDebugMode => new("-ERR Use SCRIPT DEBUG YES/SYNC/NO\r\n"u8);
    public static ErrorTemplate NoEngineToDebug => new(
        "-ERR No scripting engine found with name '"u8,
        "' to enable debug"u8);
    public static ErrorReply NoScriptDebugger => new("-ERR This server has no debugger for scripts\r\n"u8);
    public static ErrorReply FunctionFlushMode =>
        new("-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n"u8);
    public static ErrorTemplate UnknownFunctionOption => new("-ERR Unknown option given: "u8, default);
    public static ErrorReply NoLibraryName => new("-ERR library name argument was not given\r\n"u8);
    public static ErrorTemplate UnknownArgument => new("-ERR Unknown argument "u8, default);
    public static ErrorReply RestorePolicy => new(
        "-ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.\r\n"u8);
    public static ErrorReply BadDataFormat => new("-ERR Bad data format\r\n"u8);
    public static ErrorReply InvalidTtl => new("-ERR Invalid TTL value, must be >= 0\r\n"u8);
    public static ErrorReply InvalidIdleTime => new("-ERR Invalid IDLETIME value, must be >= 0\r\n"u8);
    public static ErrorReply InvalidFrequency => new("-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n"u8);
    public static ErrorReply DumpPayload => new("-ERR DUMP payload version or checksum are wrong\r\n"u8);

    // --- HELLO, AUTH and CLIENT --------------------------------------------------------------------------

    public static ErrorReply ProtocolVersionNotInteger =>
        new("-ERR Protocol version is not an integer or out of range\r\n"u8);
    public static ErrorReply NoProto => new("-NOPROTO unsupported protocol version\r\n"u8);
    public static ErrorTemplate HelloOption => new("-ERR Syntax error in HELLO option '"u8, "'"u8);
    public static ErrorReply HelloNoAuth => new(
        "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "u8 +
        "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the "u8 +
        "RESP protocol version at the same time\r\n"u8);
    public static ErrorReply ResetOnlyNormal => new("-ERR can only reset normal client connections\r\n"u8);
    public static ErrorReply ClientName =>
        new("-ERR Client names cannot contain spaces, newlines or special characters.\r\n"u8);
    public static ErrorTemplate ClientInfoOption => new("-ERR Unrecognized option '"u8, "'"u8);
    public static ErrorTemplate ClientInfoValue => new(
        "-ERR "u8,
        " cannot contain spaces, newlines or special characters."u8);
    public static ErrorReply NoSuchClient => new("-ERR No such client\r\n"u8);
    public static ErrorReply ClientIdTooSmall => new("-ERR client-id should be greater than 0\r\n"u8);
    public static ErrorReply MaxAgeNotInteger => new("-ERR maxage is not an integer or out of range\r\n"u8);
    public static ErrorReply MaxAgeTooSmall => new("-ERR maxage should be greater than 0\r\n"u8);
    public static ErrorReply IdleNotInteger => new("-ERR idle is not an integer or out of range\r\n"u8);
    public static ErrorReply IdleTooSmall => new("-ERR idle should be greater than 0\r\n"u8);
    public static ErrorTemplate UnknownClientType => new("-ERR Unknown client type '"u8, "'"u8);
    public static ErrorTemplate NoSuchUser => new("-ERR No such user '"u8, "'"u8);
    public static ErrorTemplate UnknownFilterFlags => new(
        "-ERR Unknown flags found in the provided filter: "u8,
        default);
    public static ErrorTemplate UnknownNotFilterFlags => new(
        "-ERR Unknown flags found in the NOT-FLAGS filter: "u8,
        default);
    public static ErrorReply FilterDbNotInteger => new("-ERR DB is not an integer or out of range\r\n"u8);
    public static ErrorReply FilterNotDbNotInteger =>
        new("-ERR NOT-DB is not an integer or out of range\r\n"u8);
    public static ErrorTemplate FilterDbRange => new("-ERR DB number should be between 0 and "u8, default);
    public static ErrorTemplate FilterNotDbRange => new(
        "-ERR NOT-DB number should be between 0 and "u8,
        default);
    public static ErrorTemplate UnknownFilterCapa => new(
        "-ERR Unknown capa found in the provided filter: "u8,
        default);
    public static ErrorTemplate UnknownNotFilterCapa => new(
        "-ERR Unknown capa found in the NOT-CAPA filter: "u8,
        default);
    public static ErrorReply UnblockReason =>
        new("-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"u8);
    public static ErrorReply Unblocked => new("-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"u8);
    public static ErrorReply UnblockedByState => new(
        "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> "u8 +
        "replica?)\r\n"u8);
    public static ErrorReply PauseMode => new("-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"u8);
    public static ErrorReply RedirectOnce =>
        new("-ERR A client can only redirect to a single other client\r\n"u8);
    public static ErrorReply RedirectNoClient =>
        new("-ERR The client ID you want redirect to does not exist\r\n"u8);
    public static ErrorReply PrefixNeedsBcast =>
        new("-ERR PREFIX option requires BCAST mode to be enabled\r\n"u8);
    public static ErrorTemplate PrefixOverlapsExisting => new(
        "-ERR Prefix '"u8,
        "' overlaps with an existing prefix '"u8,
        "'. Prefixes for a single client must not overlap."u8);
    public static ErrorTemplate PrefixOverlapsProvided => new(
        "-ERR Prefix '"u8,
        "' overlaps with another provided prefix '"u8,
        "'. Prefixes for a single client must not overlap."u8);
    public static ErrorReply BcastSwitch => new(
        "-ERR You can't switch BCAST mode on/off before disabling tracking for this client, and "u8 +
        "then re-enabling it with a different mode.\r\n"u8);
    public static ErrorReply OptWithBcast => new("-ERR OPTIN and OPTOUT are not compatible with BCAST\r\n"u8);
    public static ErrorReply OptInAndOut =>
        new("-ERR You can't specify both OPTIN mode and OPTOUT mode\r\n"u8);
    public static ErrorReply OptSwitch => new(
        "-ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and "u8 +
        "then re-enabling it with a different mode.\r\n"u8);
    public static ErrorReply CachingNotTracking => new(
        "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN "u8 +
        "or OPTOUT mode enabled\r\n"u8);
    public static ErrorReply CachingYes =>
        new("-ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.\r\n"u8);
    public static ErrorReply CachingNo =>
        new("-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.\r\n"u8);
    public static ErrorReply NotImporting => new("-ERR Server is not in import mode\r\n"u8);

    // --- Server: COMMAND, CONFIG, DEBUG, SHUTDOWN, logs --------------------------------------------------

    public static ErrorTemplate UnknownSubcommand => new(
        "-ERR unknown subcommand '"u8,
        "'. Try "u8,
        " HELP."u8);
    public static ErrorTemplate SubcommandSyntax => new(
        "-ERR unknown subcommand or wrong number of arguments for '"u8,
        "'. Try "u8,
        " HELP."u8);
    public static ErrorReply InvalidCommand => new("-ERR Invalid command specified\r\n"u8);
    public static ErrorReply CommandWithoutKeys => new("-ERR The command has no key arguments\r\n"u8);
    public static ErrorReply CommandArity =>
        new("-ERR Invalid number of arguments specified for command\r\n"u8);
    public static ErrorReply CommandArguments => new("-ERR Invalid arguments specified for command\r\n"u8);
    public static ErrorReply ShardSubscribeDenied =>
        new("-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n"u8);
    public static ErrorReply MonitorDenied =>
        new("-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n"u8);
    public static ErrorTemplate ConfigUnknown => new(
        "-ERR Unknown option or number of arguments for CONFIG SET - '"u8,
        "'"u8);
    public static ErrorTemplate ConfigSetFailed => new(
        "-ERR CONFIG SET failed (possibly related to argument '"u8,
        "')"u8);
    public static ErrorTemplate ConfigSetFailedBecause => new(
        "-ERR CONFIG SET failed (possibly related to argument '"u8,
        "') - "u8,
        default);
    public static ErrorReply NoConfigFile => new("-ERR The server is running without a config file\r\n"u8);
    public static ErrorTemplate ConfigRewriteFailed => new("-ERR Rewriting config file: "u8, default);
    public static ErrorReply CommandLogType =>
        new("-ERR type should be one of the following: slow, large-request, large-reply\r\n"u8);
    public static ErrorTemplate NoLatencySamples => new("-ERR No samples available for event '"u8, "'"u8);
    public static ErrorReply PurgeFailed => new("-ERR Error purging dirty pages\r\n"u8);
    public static ErrorReply SwapDbInCluster => new("-ERR SWAPDB is not allowed in cluster mode\r\n"u8);
    public static ErrorReply ShutdownFailover =>
        new("-ERR SHUTDOWN FAILOVER is only supported in cluster mode.\r\n"u8);
    public static ErrorReply NoShutdown => new("-ERR No shutdown in progress.\r\n"u8);
    public static ErrorReply ShutdownDenied =>
        new("-ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client\r\n"u8);
    public static ErrorReply ShutdownFailed => new("-ERR Errors trying to SHUTDOWN. Check logs.\r\n"u8);
    public static ErrorReply DebugOutOfRangeDb => new("-ERR Out of range database\r\n"u8);
    public static ErrorReply DebugProtocolType => new(
        "-ERR Wrong protocol type name. Please use one of the following: "u8 +
        "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false\r\n"u8);
    public static ErrorReply DebugResp2 => new("-ERR RESP2 is not supported by this command\r\n"u8);
    public static ErrorReply DebugNotSds => new("-ERR Not an sds encoded string.\r\n"u8);
    public static ErrorReply DebugNotQuicklist => new("-ERR Not a quicklist encoded object.\r\n"u8);
    public static ErrorReply DebugNotListpack => new("-ERR Not a listpack encoded object.\r\n"u8);
    public static ErrorReply DebugNotHashTable =>
        new("-ERR The value stored at the specified key is not represented using an hash table\r\n"u8);
    public static ErrorReply DebugExpandNoMemory => new("-ERR OOM in dbExpand\r\n"u8);
    public static ErrorReply DebugValueNotBool => new("-ERR Value must be 0 or 1\r\n"u8);
    public static ErrorReply DebugReloadOption =>
        new("-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.\r\n"u8);
    public static ErrorReply WaitOnReplica => new(
        "-ERR WAIT cannot be used with replica instances. Please also note that if a replica is "u8 +
        "configured to be writable (which is not the default) writes to replicas are just local "u8 +
        "and are not propagated.\r\n"u8);
    public static ErrorReply WaitAofOnReplica => new(
        "-ERR WAITAOF cannot be used with replica instances. Please also note that writes to "u8 +
        "replicas are just local and are not propagated.\r\n"u8);
    public static ErrorReply WaitAofWithoutAof =>
        new("-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n"u8);
    public static ErrorTemplate UnknownCategory => new("-ERR Unknown category '"u8, "'"u8);
    public static ErrorReply InvalidPrimaryPort => new("-ERR Invalid master port\r\n"u8);
    public static ErrorReply SavingNotBuilt =>
        new("-ERR This version cannot save to disk yet: nothing was saved\r\n"u8);
    public static ErrorReply LogNotBuilt =>
        new("-ERR This version has no append-only file yet: nothing was rewritten\r\n"u8);
    public static ErrorReply ReplicationNotBuilt =>
        new("-ERR This version cannot replicate yet: the server stays a master\r\n"u8);
    public static ErrorReply ModuleLoad =>
        new("-ERR Error loading the extension. Please check the server logs.\r\n"u8);
    public static ErrorReply ModuleUnload =>
        new("-ERR Error unloading module: no such module with that name\r\n"u8);
    public static ErrorReply NoFailover => new("-ERR No failover in progress.\r\n"u8);
    public static ErrorReply LolwutArguments =>
        new("-ERR Syntax error. Use: LOLWUT [columns rows] [real imaginary]\r\n"u8);
    public static ErrorReply FailoverTimeout => new("-ERR FAILOVER timeout must be greater than 0\r\n"u8);
    public static ErrorReply FailoverNeedsReplicas => new("-ERR FAILOVER requires connected replicas.\r\n"u8);
    public static ErrorReply NoAclFile => new(
        "-ERR This instance is not configured to use an ACL file. You may want to specify users "u8 +
        "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a "u8 +
        "configuration file set) in order to store users in the configuration.\r\n"u8);

    // --- Malformed requests: the connection is closed behind the reply -----------------------------------

    public static ErrorReply ProtocolTooBigInline => new("-ERR Protocol error: too big inline request\r\n"u8);
    public static ErrorReply ProtocolTooBigCountLine =>
        new("-ERR Protocol error: too big mbulk count string\r\n"u8);
    public static ErrorReply ProtocolInvalidCount =>
        new("-ERR Protocol error: invalid multibulk length\r\n"u8);
    public static ErrorReply ProtocolUnauthenticatedCount =>
        new("-ERR Protocol error: unauthenticated multibulk length\r\n"u8);
    public static ErrorReply ProtocolUnauthenticatedBulk =>
        new("-ERR Protocol error: unauthenticated bulk length\r\n"u8);
    public static ErrorReply ProtocolTooBigBulkLine =>
        new("-ERR Protocol error: too big bulk count string\r\n"u8);
    public static ErrorReply ProtocolInvalidBulk => new("-ERR Protocol error: invalid bulk length\r\n"u8);
    public static ErrorReply ProtocolUnbalancedQuotes =>
        new("-ERR Protocol error: unbalanced quotes in request\r\n"u8);
    public static ErrorReply ProtocolInvalidLineEnd =>
        new("-ERR Protocol error: invalid CRLF in request\r\n"u8);
    public static ErrorTemplate ProtocolExpectedBulk => new(
        "-ERR Protocol error: expected '$', got '"u8,
        "'"u8);
}
