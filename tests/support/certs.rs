//! A throw-away certificate authority and the server certificates it signs, made by the `openssl` command: a good
//! one, and one for each way a certificate can be wrong. Not here: who serves them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// `openssl ca` and `openssl req` read their extensions from here; `$dir` is filled in by [`Authority::create`].
const CONFIG: &str = r"
[req]
distinguished_name = name
prompt = no
[name]
CN = loopback
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = authority
[authority]
database = $dir/index.txt
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
";

/// The year a certificate is valid for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Validity {
    /// From yesterday on, for a month.
    Now,
    /// The year 2020.
    Past,
}

/// Where a certificate (chain) and its key lie.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// A certificate authority in a folder of its own.
#[derive(Debug)]
pub(crate) struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// Makes the root certificate, `ca.pem`, in `dir`, which exists.
    pub(crate) fn create(dir: &Path) -> Result<Self, String> {
        let authority = Self {
            dir: dir.to_owned(),
        };
        let config = CONFIG.replace("$dir", &dir.display().to_string());
        write(&dir.join("openssl.cnf"), &config)?;
        write(&dir.join("index.txt"), "")?;
        let subject = ["-subj", "/CN=Thu Cong Vu test authority"];
        let extra = ["-x509", "-days", "30", "-extensions", "root"];
        authority.request("ca", "ca.pem", &[&subject[..], &extra[..]].concat())?;
        Ok(authority)
    }

    /// The root certificate, PEM.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// A certificate for `names` (in OpenSSL's words: `DNS:localhost,IP:127.0.0.1`), signed by this authority.
    pub(crate) fn issue(
        &self,
        file: &str,
        names: &str,
        validity: Validity,
    ) -> Result<Certificate, String> {
        let extensions = format!("{file}.ext");
        write(&self.dir.join(&extensions), &leaf_extensions(names))?;
        let request = format!("{file}.csr");
        self.request(file, &request, &["-subj", "/CN=loopback"])?;
        let out = format!("{file}.pem");
        let dates: &[&str] = match validity {
            Validity::Now => &["-days", "30"],
            Validity::Past => &[
                "-startdate",
                "20200101000000Z",
                "-enddate",
                "20210101000000Z",
            ],
        };
        let args = [
            "ca",
            "-batch",
            "-notext",
            "-config",
            "openssl.cnf",
            "-extfile",
            &extensions,
        ];
        self.openssl(&[&args[..], dates, &["-in", &request, "-out", &out]].concat())?;
        Ok(self.named(file))
    }

    /// A certificate for `names` that vouches for itself.
    pub(crate) fn self_signed(&self, file: &str, names: &str) -> Result<Certificate, String> {
        let names = format!("subjectAltName={names}");
        let extra = [
            "-subj",
            "/CN=loopback",
            "-x509",
            "-days",
            "30",
            "-addext",
            &names,
        ];
        self.request(file, &format!("{file}.pem"), &extra)?;
        Ok(self.named(file))
    }

    fn named(&self, file: &str) -> Certificate {
        Certificate {
            cert: self.dir.join(format!("{file}.pem")),
            key: self.dir.join(format!("{file}.key")),
        }
    }

    /// A new P-256 key `file.key` and a request (or, by `extra`, a certificate) for it in `out`.
    fn request(&self, file: &str, out: &str, extra: &[&str]) -> Result<(), String> {
        let key = format!("{file}.key");
        let curve = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ];
        let args = [
            "req",
            "-new",
            "-config",
            "openssl.cnf",
            "-keyout",
            &key,
            "-out",
            out,
        ];
        self.openssl(&[&args[..], &curve[..], extra].concat())
    }

    fn openssl(&self, args: &[&str]) -> Result<(), String> {
        let done = Command::new("openssl")
            .args(args)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("openssl: {e}"))?;
        if done.status.success() {
            return Ok(());
        }
        Err(format!(
            "openssl {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&done.stderr)
        ))
    }
}

fn leaf_extensions(names: &str) -> String {
    format!(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
         extendedKeyUsage=serverAuth\nsubjectAltName={names}\n"
    )
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
