//! Where an instance keeps its files, and the text of Dovecot's and Postfix's configuration. Not here: accounts,
//! which change while the servers run ([`super::accounts`]).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Certificates, HOST, Outside, Ports, ServerSpec};
use crate::certs::Certificate;

/// The folder of an instance. Names are short because sockets lie in it.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    root: PathBuf,
    /// User and group the mail belongs to.
    pub(super) owner: (u32, u32),
}

impl Layout {
    /// Makes the folders which the servers expect to exist.
    pub(super) fn create(root: &Path, owner: (u32, u32)) -> Result<Self, String> {
        for name in ["tls", "p", "d", "s", "log", "mail"] {
            let path = root.join(name);
            std::fs::create_dir(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(Self {
            root: root.to_owned(),
            owner,
        })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn tls(&self) -> PathBuf {
        self.root.join("tls")
    }

    /// Postfix's configuration folder.
    pub(super) fn postfix(&self) -> PathBuf {
        self.root.join("p")
    }

    pub(super) fn lmtp_socket(&self) -> PathBuf {
        self.root.join("d/lmtp")
    }

    pub(super) fn dovecot_conf(&self) -> String {
        self.root.join("dovecot.conf").display().to_string()
    }

    /// The log file of `server`: dovecot or postfix.
    pub(super) fn log(&self, server: &str) -> String {
        self.root
            .join("log")
            .join(format!("{server}.log"))
            .display()
            .to_string()
    }

    pub(super) fn home(&self, address: &str) -> PathBuf {
        self.root.join("mail").join(address)
    }
}

/// Writes all configuration files.
pub(super) fn write(
    layout: &Layout,
    spec: &ServerSpec,
    ports: Ports,
    certs: &Certificates,
) -> Result<(), String> {
    let main = postfix_main(layout, spec, &certs.good);
    for (path, text) in [
        (
            layout.file("dovecot.conf"),
            dovecot(layout, spec, ports, certs),
        ),
        (layout.postfix().join("main.cf"), main),
        (
            layout.postfix().join("master.cf"),
            postfix_master(ports, certs),
        ),
        (layout.postfix().join("outside"), outside_table()),
    ] {
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// Dovecot 2.3.
fn dovecot(layout: &Layout, spec: &ServerSpec, ports: Ports, certs: &Certificates) -> String {
    let root = layout.root.display();
    let listen: String = certs
        .bad
        .iter()
        .map(|(kind, _)| format!(", {}", kind.host()))
        .collect();
    let Certificate { cert, key } = &certs.good;
    let mut text = format!(
        "base_dir = {root}/d\nstate_dir = {root}/s\nlog_path = {root}/log/dovecot.log\n\
         listen = 127.0.0.1, {HOST}{listen}\nprotocols = imap lmtp\n\
         ssl = required\nssl_min_protocol = TLSv1.2\nssl_cert = <{cert}\nssl_key = <{key}\n\
         auth_failure_delay = 0\nauth_mechanisms = plain login\nmail_max_userip_connections = 100\n\
         first_valid_uid = 1\nfirst_valid_gid = 1\nmail_location = maildir:~/Maildir\n\
         passdb {{\n driver = passwd-file\n args = scheme=PLAIN username_format=%u {root}/passwords\n}}\n\
         userdb {{\n driver = passwd-file\n args = username_format=%u {root}/homes\n}}\n",
        cert = cert.display(),
        key = key.display(),
    );
    for (kind, Certificate { cert, key }) in &certs.bad {
        let (host, cert, key) = (kind.host(), cert.display(), key.display());
        let _ = writeln!(
            text,
            "local {host} {{\n ssl_cert = <{cert}\n ssl_key = <{key}\n}}"
        );
    }
    let _ = write!(
        text,
        "namespace inbox {{\n inbox = yes\n separator = /\n\
         \x20mailbox Drafts {{\n  auto = subscribe\n  special_use = \\Drafts\n }}\n\
         \x20mailbox Sent {{\n  auto = subscribe\n  special_use = \\Sent\n }}\n\
         \x20mailbox Trash {{\n  auto = subscribe\n  special_use = \\Trash\n }}\n\
         \x20mailbox Junk {{\n  auto = subscribe\n  special_use = \\Junk\n }}\n}}\n\
         service imap-login {{\n inet_listener imaps {{\n  port = {imaps}\n  ssl = yes\n }}\n\
         \x20inet_listener imap {{\n  port = {imap}\n }}\n}}\n\
         service lmtp {{\n unix_listener lmtp {{\n  mode = 0666\n }}\n}}\n\
         service auth {{\n user = root\n unix_listener auth-postfix {{\n  mode = 0666\n }}\n}}\n\
         service anvil {{\n unix_listener anvil-auth-penalty {{\n  mode = 0\n }}\n}}\n\
         protocol imap {{\n mail_plugins = imap_zlib\n}}\n{extra}\n",
        imaps = ports.imaps,
        imap = ports.imap,
        extra = spec.dovecot,
    );
    text
}

/// `main.cf` of Postfix 3.7.
fn postfix_main(layout: &Layout, spec: &ServerSpec, good: &Certificate) -> String {
    let root = layout.root.display();
    let (relay, aliases) = match spec.outside {
        Outside::Refused => ("reject_unauth_destination", String::new()),
        Outside::Kept => (
            "permit_auth_destination, permit_sasl_authenticated, reject",
            format!("regexp:{root}/p/outside"),
        ),
    };
    format!(
        "compatibility_level = 3.6\n\
         queue_directory = {root}/q\ndata_directory = {root}/data\n\
         maillog_file = {root}/log/postfix.log\nmaillog_file_prefixes = {root}\n\
         myhostname = mail.quynhon.test.gov.vn\nmydestination =\nmynetworks =\n\
         inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
         default_transport = error:5.7.1 nothing leaves a test server\nrelay_transport = $default_transport\n\
         local_transport = $default_transport\nlocal_recipient_maps =\nalias_maps =\nalias_database =\n\
         smtp_dns_support_level = disabled\nsmtpd_peername_lookup = no\n\
         virtual_mailbox_domains = hash:{root}/p/domains\nvirtual_mailbox_maps = hash:{root}/p/users\n\
         virtual_alias_domains =\nvirtual_alias_maps = {aliases}\n\
         virtual_transport = lmtp:unix:{root}/d/lmtp\nlmtp_destination_recipient_limit = 1\n\
         mailbox_size_limit = 0\nvirtual_mailbox_limit = 0\nmessage_size_limit = 36700160\n\
         smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {root}/d/auth-postfix\n\
         smtpd_sasl_security_options = noanonymous\nsmtpd_tls_auth_only = yes\n\
         smtpd_tls_chain_files = {key}, {cert}\nsmtpd_tls_security_level = encrypt\n\
         smtpd_tls_session_cache_database =\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n\
         smtpd_sender_login_maps = hash:{root}/p/users\n\
         smtpd_sender_restrictions = reject_sender_login_mismatch\n\
         smtpd_relay_restrictions = {relay}\n\
         smtpd_recipient_restrictions = permit_sasl_authenticated, reject\n\
         smtpd_error_sleep_time = 0\nsmtpd_soft_error_limit = 1000\nsmtpd_hard_error_limit = 1000\n\
         queue_run_delay = 2s\nminimal_backoff_time = 2s\nmaximal_backoff_time = 4s\n{extra}\n",
        key = good.key.display(),
        cert = good.cert.display(),
        extra = spec.postfix,
    )
}

/// `master.cf`: nothing runs in a chroot, which would want copies of system files.
fn postfix_master(ports: Ports, certs: &Certificates) -> String {
    let mut text = String::new();
    let good = [("127.0.0.1", None), (HOST, None)];
    for (host, bad) in good.into_iter().chain(
        certs
            .bad
            .iter()
            .map(|(kind, cert)| (kind.host(), Some(cert))),
    ) {
        let chain = bad.map_or(String::new(), |Certificate { cert, key }| {
            format!(
                " -o smtpd_tls_chain_files={},{}",
                key.display(),
                cert.display()
            )
        });
        let _ = writeln!(
            text,
            "{host}:{} inet n - n - - smtpd{chain}",
            ports.submission
        );
        let _ = writeln!(
            text,
            "{host}:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes{chain}",
            ports.smtps
        );
    }
    text + "cleanup unix n - n - 0 cleanup\n\
            qmgr unix n - n 300 1 qmgr\n\
            tlsmgr unix - - n 1000? 1 tlsmgr\n\
            rewrite unix - - n - - trivial-rewrite\n\
            bounce unix - - n - 0 bounce\n\
            defer unix - - n - 0 bounce\n\
            trace unix - - n - 0 bounce\n\
            verify unix - - n - 1 verify\n\
            flush unix n - n 1000? 0 flush\n\
            proxymap unix - - n - - proxymap\n\
            showq unix n - n - - showq\n\
            error unix - - n - - error\n\
            retry unix - - n - - error\n\
            lmtp unix - - n - - lmtp flags=O\n\
            anvil unix - - n - 1 anvil\n\
            scache unix - - n - 1 scache\n\
            postlog unix-dgram n - n - 1 postlogd\n"
}

/// Sends every address outside the test domains to one mailbox; domains added later count as outside unless they
/// end in `.test.gov.vn` too.
fn outside_table() -> String {
    format!(
        "if !/\\.test\\.gov\\.vn$/\n/^/ {}\nendif\n",
        super::MailServers::OUTSIDE
    )
}
