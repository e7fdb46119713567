//! Runs the practice mailbox alone, for trying other clients on it:
//! `cargo run -p tcv-practice --example serve -- [FOLDER]`. Prints the ports and the path of the
//! certificate authority, and serves until its input ends.

#![allow(clippy::print_stdout)]

use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

use tcv_practice::{ADDRESS, Options, PASSWORD, Practice};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(std::path::PathBuf::from);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let practice = Practice::start(Options::practice(folder, i64::try_from(now)?, 7 * 3600))?;
    let ca = std::env::temp_dir().join(format!("practice-ca-{}.pem", std::process::id()));
    std::fs::write(&ca, practice.ca_pem())?;
    println!(
        "host {}\nimaps {}\nsmtps {}",
        practice.host(),
        practice.imap_addr().port(),
        practice.smtp_addr().port()
    );
    println!("imap+starttls {}", practice.imap_starttls_addr().port());
    println!("smtp+starttls {}", practice.smtp_starttls_addr().port());
    println!("ca {}\nlogin {ADDRESS} {PASSWORD}", ca.display());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    std::fs::remove_file(ca)?;
    Ok(())
}
