//! `doctor`: the policy in force with the origin of each value, connection tests, versions. What is examined and how is
//! the engine's; here it is only written down.

use serde_json::json;
use tcv_engine::Result;

use super::output::{Console, NETWORK, Reply};
use super::session::Session;

pub async fn run(session: &Session, console: &Console) -> Result<Reply> {
    let doctor = session.engine.doctor().await?;
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
    Ok(Reply {
        json: document,
        text: lines.join("\n"),
        code: if sound { 0 } else { NETWORK },
    })
}
