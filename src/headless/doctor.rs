//! `doctor`: the policy in force with the origin of each value, connection tests, versions. What is examined and how is
//! the engine's; here it is only written down.

use serde_json::json;
use tcv_engine::{Doctor, DoctorLine, Error, Result, load_profile};

use super::args::Common;
use super::output::{Console, NETWORK, Reply, error_text, exit_code};
use super::session::Session;

pub async fn run(session: &Session, console: &Console) -> Result<Reply> {
    Ok(reply(&session.engine.doctor().await?, NETWORK, console))
}

/// What can be said where no engine opens (a locked vault): the profile, and why it does not.
pub fn without_engine(error: Error, common: &Common, console: &Console) -> Result<Reply> {
    let mut doctor = load_profile(common.profile.as_deref()).doctor()?;
    doctor.lines.push(DoctorLine {
        key: "engine".to_owned(),
        value: error_text(&error, console.words()),
        origin: "program".to_owned(),
        ok: false,
    });
    Ok(reply(&doctor, exit_code(error.kind), console))
}

/// The lines written down; `trouble` is the exit code where one of them is not as it should be.
fn reply(doctor: &Doctor, trouble: u8, console: &Console) -> Reply {
    let sound = doctor.lines.iter().all(|line| line.ok);
    let rows: Vec<_> = doctor
        .lines
        .iter()
        .map(|line| json!({ "key": line.key, "value": line.value, "origin": line.origin, "ok": line.ok }))
        .collect();
    let mut lines: Vec<_> = doctor
        .lines
        .iter()
        .map(|line| {
            let mark = if line.ok { ' ' } else { '!' };
            let origin = if line.origin.is_empty() {
                String::new()
            } else {
                format!("  [{}]", line.origin)
            };
            format!("{mark} {}: {}{origin}", line.key, line.value)
        })
        .collect();
    lines.push(console.words().text(if sound {
        "cli-doctor-sound"
    } else {
        "cli-doctor-trouble"
    }));
    let document = json!({ "version": env!("CARGO_PKG_VERSION"), "ok": sound, "lines": rows });
    Reply {
        json: document,
        text: lines.join("\n"),
        code: if sound { 0 } else { trouble },
    }
}
