using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Passwords, protected actions, access lists and TLS.</summary>
internal static class SecurityRows
{
    private const string Tls = "TLS";

    public static readonly OptionSpec[] Table =
    [
        Text("requirepass", "", "Password of the default user.").UnsetWhenEmpty().Sensitive()
            .Then(OptionHooks.Password),
        Switch("protected-mode", true, "Without a password only clients of this machine are served."),
        Choice("enable-debug-command", "no", "Who may use DEBUG.").OneOf(Actors).AtStart(),
        Choice("enable-module-command", "no", "Who may use MODULE.").OneOf(Actors).AtStart(),
        Choice("enable-protected-configs", "no", "Who may set protected options.").OneOf(Actors).AtStart(),
        Text("aclfile", "", "File of users and their rights.").AtStart()
            .Promises("the access control list", ""),
        Choice("acl-pubsub-default", "resetchannels", "Channels of a new user.")
            .OneOf("allchannels", "resetchannels").Ignored(),
        Count("acllog-max-len", 128, 0, LongMax, "Refusals that ACL LOG keeps.").Ignored(),
        Number("tls-port", 0, 0, 65535, "TLS port.").Promises(Tls, "0"),
        Switch("tls", false, "Serves TLS on the main port.").Hidden().AtStart().Promises(Tls, "no"),
        Switch("tls-cluster", false, "TLS between cluster nodes.").Promises(Tls, "no"),
        Switch("tls-replication", false, "TLS between primary and replica.").Promises(Tls, "no"),
        Switch("no_tls_on_admin_port", false, "The admin port takes plain connections.").Hidden().AtStart()
            .Ignored(),
        Choice("tls-auth-clients", "yes", "Whether clients must show a certificate.")
            .OneOf("no", "yes", "optional").Ignored(),
        Choice("tls-auth-clients-user", "off", "Field of the certificate that names the user.")
            .OneOf("CN", "URI", "off").Ignored(),
        Number("tls-session-cache-size", 20 * Kib, 0, IntMax, "TLS sessions that are kept.").Ignored(),
        Number("tls-session-cache-timeout", 300, 0, IntMax, "Seconds that a TLS session is kept.").Ignored(),
        Number("tls-auto-reload-interval", 0, 0, IntMax, "Seconds between looks at the certificates.")
            .Ignored(),
        Switch("tls-prefer-server-ciphers", false, "The server's order of ciphers wins.").Ignored(),
        Switch("tls-session-caching", true, "Keeps TLS sessions.").Ignored(),
        Text("tls-cert-file", "", "Certificate.").UnsetWhenEmpty().Ignored(),
        Text("tls-key-file", "", "Private key.").UnsetWhenEmpty().Ignored(),
        Text("tls-key-file-pass", "", "Passphrase of the private key.").UnsetWhenEmpty().Sensitive()
            .Ignored(),
        Text("tls-client-cert-file", "", "Certificate for outgoing connections.").UnsetWhenEmpty().Ignored(),
        Text("tls-client-key-file", "", "Private key for outgoing connections.").UnsetWhenEmpty().Ignored(),
        Text("tls-client-key-file-pass", "", "Its passphrase.").UnsetWhenEmpty().Sensitive().Ignored(),
        Text("tls-dh-params-file", "", "Diffie-Hellman parameters.").UnsetWhenEmpty().Ignored(),
        Text("tls-ca-cert-file", "", "Authority that signs clients' certificates.").UnsetWhenEmpty()
            .Ignored(),
        Text("tls-ca-cert-dir", "", "Folder of such authorities.").UnsetWhenEmpty().Ignored(),
        Text("tls-protocols", "", "TLS versions.").UnsetWhenEmpty().Ignored(),
        Text("tls-ciphers", "", "Ciphers of TLS 1.2.").UnsetWhenEmpty().Ignored(),
        Text("tls-ciphersuites", "", "Ciphers of TLS 1.3.").AlsoFlag("tls_cipher_suites").UnsetWhenEmpty()
            .Ignored(),
        Text("user", "", "User to become after the ports are open.").Hidden().AtStart()
            .Promises("changing the user of the process", ""),
        Text("restricted_commands", "", "Commands for the admin port only.").Hidden().AtStart()
            .Promises("restricting commands", ""),
        Number("admin_port", 0, 0, 65535, "Port for administration.").Hidden().AtStart()
            .Promises("the admin port", "0"),
        Text("admin_bind", "", "Address of the admin port.").Hidden().AtStart().Ignored(),
        Switch("admin_nopass", false, "No password on the admin port.").Hidden().AtStart().Ignored(),
    ];

    private static string[] Actors => ["no", "yes", "local"];
}
