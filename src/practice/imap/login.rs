//! LOGIN, AUTHENTICATE and ENABLE: who is there, and what the client wants to be told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::parser::Parser;
use super::session::{Answer, Refusal, Session};

impl Session<'_> {
    pub(super) fn login(&mut self, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        let user = p.text()?;
        p.space()?;
        let password = p.text()?;
        p.end()?;
        self.enter(&user, &password)
    }

    /// SASL PLAIN, with the first message in the command or asked for (RFC 4616, RFC 4959).
    pub(super) fn authenticate(&mut self, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        if !p.atom()?.eq_ignore_ascii_case("PLAIN") {
            return Err(Refusal::No("[CANNOT] Unknown mechanism".to_owned()));
        }
        let coded = if p.take(b' ') {
            if !self.can("SASL-IR") {
                return Err(Refusal::Bad("No initial response here".to_owned()));
            }
            p.string()?
        } else {
            self.link.send(b"+ \r\n")?;
            self.link.line()?
        };
        let clear = STANDARD
            .decode(&coded)
            .map_err(|_| Refusal::Bad("Not Base64".to_owned()))?;
        let mut pieces = clear
            .split(|&b| b == 0)
            .map(|s| String::from_utf8_lossy(s).into_owned());
        match (pieces.next(), pieces.next(), pieces.next()) {
            (Some(_), Some(user), Some(password)) => self.enter(&user, &password),
            _ => Err(Refusal::Bad("Not a PLAIN message".to_owned())),
        }
    }

    fn enter(&mut self, user: &str, password: &str) -> Answer {
        if !self.secure {
            return Err(Refusal::No(
                "[PRIVACYREQUIRED] Use STARTTLS first".to_owned(),
            ));
        }
        match self.shared.login(user, password) {
            Some(account) => {
                self.account = Some(account.address.clone());
                Ok(format!("[CAPABILITY {}] Logged in", self.capabilities()))
            }
            None => Err(Refusal::No(
                "[AUTHENTICATIONFAILED] Sai tai khoan hoac mat khau".to_owned(),
            )),
        }
    }

    pub(super) fn enable(&mut self, p: &mut Parser<'_>) -> Answer {
        let mut enabled = String::new();
        while p.take(b' ') {
            let wanted = p.atom()?.to_ascii_uppercase();
            if !self.can(&wanted) {
                continue;
            }
            match wanted.as_str() {
                "CONDSTORE" => self.condstore = true,
                "QRESYNC" => (self.condstore, self.qresync) = (true, true),
                _ => continue,
            }
            enabled.push(' ');
            enabled.push_str(&wanted);
        }
        self.push(format!("* ENABLED{enabled}\r\n").as_bytes())?;
        Ok("Done".to_owned())
    }
}
