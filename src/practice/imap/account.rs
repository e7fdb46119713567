//! Commands on the account as a whole: its folders, APPEND, QUOTA, COMPRESS.

use crate::clock;
use crate::folder::NewMessage;
use crate::store::StoreError;

use super::parser::Parser;
use super::session::{Answer, Refusal, Session};

/// What the mailbox may hold, in KiB; shown by QUOTA, not enforced.
const QUOTA_KIB: usize = 2 * 1024 * 1024;

impl Session<'_> {
    /// RFC 4978; goes on after the answer.
    pub(super) fn compress(&mut self, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        if !p.take_word("DEFLATE") || self.link.is_compressed() {
            return Err(Refusal::No("[COMPRESSIONACTIVE] Not possible".to_owned()));
        }
        p.end()?;
        Ok("Deflating".to_owned())
    }

    pub(super) fn manage(&mut self, name: &str, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        let folder = p.folder()?;
        let account = self.account_name()?;
        let store = &self.shared.store;
        match name {
            "CREATE" => store.create(&account, &folder)?,
            "DELETE" => store.delete(&account, &folder)?,
            "RENAME" => {
                p.space()?;
                store.rename(&account, &folder, &p.folder()?)?;
            }
            _ => store.subscribe(&account, &folder, name == "SUBSCRIBE")?,
        }
        Ok("Done".to_owned())
    }

    pub(super) fn append(&mut self, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        let folder = p.folder()?;
        p.space()?;
        let flags = if p.peek() == Some(b'(') {
            let flags = p.flags()?;
            p.space()?;
            flags
        } else {
            Vec::new()
        };
        let mut date = clock::now();
        if p.peek() == Some(b'"') {
            date =
                clock::parse_imap(&p.text()?).ok_or_else(|| Refusal::Bad("Bad date".to_owned()))?;
            p.space()?;
        }
        let bytes = p.literal()?.into();
        p.end()?;
        let account = self.account_name()?;
        match self
            .shared
            .store
            .append(&account, &folder, NewMessage { bytes, flags, date })
        {
            Ok((validity, uid)) if self.can("UIDPLUS") => {
                Ok(format!("[APPENDUID {validity} {uid}] Done"))
            }
            Ok(_) => Ok("Done".to_owned()),
            Err(StoreError::NoFolder(_)) => {
                Err(Refusal::No("[TRYCREATE] No such folder".to_owned()))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    pub(super) fn quota(&mut self, name: &str, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        let asked = p.text()?;
        let used = self.read(|a| {
            a.folders
                .iter()
                .flat_map(|f| &f.messages)
                .map(|m| m.bytes.len())
                .sum::<usize>()
        })?;
        if name == "GETQUOTAROOT" {
            self.push(format!("* QUOTAROOT {} \"\"\r\n", super::list::quoted(&asked)).as_bytes())?;
        }
        self.push(
            format!(
                "* QUOTA \"\" (STORAGE {} {QUOTA_KIB})\r\n",
                used.div_ceil(1024)
            )
            .as_bytes(),
        )?;
        Ok("Done".to_owned())
    }
}
