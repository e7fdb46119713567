//! APPEND (RFC 9051 §6.3.12), beside the crate's own: that one asks before every literal, keeps
//! the message a second time and loses the reason of a refusal.

use std::io::{self, Write};

use tcv_domain::message::{Flags, UnixTime};

use super::Fault;
use super::commands::quoted;
use super::response::{Code, Status};
use super::session::{Session, lost};
use super::talk::Heard;

/// Above this the server is asked first even where it need not be (RFC 7888): refusing a message
/// for its size should not cost its upload.
const UNASKED: usize = 1 << 20;

/// What `LITERAL-` allows without asking (RFC 7888 §5).
const UNASKED_MINUS: usize = 4096;

/// How much is handed down at a time.
const CHUNK: usize = 64 << 10;

impl Session {
    /// Puts a message into a folder, with its flags and, where it is another than now, the time
    /// it arrived; its UID there, where the server tells it.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the server's reason, also where it hung up after giving one.
    pub(crate) fn append(
        &mut self,
        raw_name: &str,
        (flags, arrived): (Flags, Option<UnixTime>),
        message: &[u8],
    ) -> Result<Option<u32>, Fault> {
        let names: Vec<_> = flags.imap_names().collect();
        let flags = match names.as_slice() {
            [] => String::new(),
            names => format!("({}) ", names.join(" ")),
        };
        let date = arrived.map(date_time).unwrap_or_default();
        let (size, unasked) = (message.len(), self.takes_unasked(message.len()));
        let plus = if unasked { "+" } else { "" };
        self.start(&format!(
            "APPEND {} {flags}{date}{{{size}{plus}}}",
            quoted(raw_name)
        ))?;
        if !unasked {
            self.hear_until(|heard| matches!(heard, Heard::Continuation))?;
        }
        if let Err(error) = self.upload(message) {
            // It may have said why before it hung up.
            return Err(match self.hear_until(|_| false) {
                Err(refused @ Fault::Refused(_)) => refused,
                _ => Fault::Lost(lost(&error, self.talk().bye.clone())),
            });
        }
        self.hear_until(|heard| matches!(heard, Heard::Done(Status::Ok)))?;
        let reply = self.settle(None)?;
        let uid = reply.codes().find_map(|code| match code {
            Code::AppendUid(uids) if uids.len() == 1 => uids.iter().next(),
            _ => None,
        });
        Ok(uid)
    }

    fn takes_unasked(&self, size: usize) -> bool {
        let most = if self.has("LITERAL+") {
            UNASKED
        } else if self.has("LITERAL-") {
            UNASKED_MINUS
        } else {
            return false;
        };
        size <= most
    }

    fn upload(&mut self, message: &[u8]) -> io::Result<()> {
        let mut talk = self.talk();
        for chunk in message.chunks(CHUNK) {
            talk.wire.write_all(chunk)?;
        }
        talk.wire.write_all(b"\r\n")?;
        talk.wire.flush()
    }
}

/// A moment as APPEND has it, in UTC, with the space behind it (RFC 9051 §9, `date-time`). Empty
/// for one that cannot be written with four digits of a year.
fn date_time(at: UnixTime) -> String {
    let Ok(at) = jiff::Timestamp::from_second(at.0) else {
        return String::new();
    };
    let at = jiff::tz::TimeZone::UTC.to_datetime(at);
    if !(1..=9999).contains(&at.year()) {
        return String::new();
    }
    format!("\"{}\" ", at.strftime("%e-%b-%Y %H:%M:%S +0000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_a_day_of_two_places() {
        let at = |seconds| date_time(UnixTime(seconds));
        assert_eq!(at(1_795_392_000), "\"23-Nov-2026 00:00:00 +0000\" ");
        assert_eq!(at(1_793_491_199), "\"31-Oct-2026 23:59:59 +0000\" ");
        assert_eq!(at(1_793_491_200), "\" 1-Nov-2026 00:00:00 +0000\" ");
    }
}
