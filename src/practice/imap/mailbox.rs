//! The commands on the selected folder: SELECT, FETCH, STORE, COPY, MOVE, EXPUNGE, SEARCH, CLOSE.

use crate::folder::FlagChange;
use crate::store::StoreError;

use super::fetch::{self, Item, Style};
use super::parser::{Parser, Set, write_set};
use super::search;
use super::session::{Answer, Refusal, Session};
use super::view::View;

/// Parameters of QRESYNC in SELECT: UIDVALIDITY and modseq the client knows.
type Resync = (u64, u64);

impl Session<'_> {
    pub(super) fn select(&mut self, p: &mut Parser<'_>, read_only: bool) -> Answer {
        p.space()?;
        let name = p.folder()?;
        let resync = if p.take(b' ') {
            self.select_options(p)?
        } else {
            None
        };
        p.end()?;
        self.view = None;
        let (rev2, without) = self
            .shared
            .scripts
            .read(|s| (s.rev2, s.without_modseq.contains(&name)));
        let condstore = self.can("CONDSTORE") && !without;
        let found = self.read(|account| {
            let folder = account.need(&name)?;
            let mut text = format!(
                "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $Junk $NotJunk)\r\n\
                 * OK [PERMANENTFLAGS ({}\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags\r\n\
                 * {} EXISTS\r\n{}* OK [UIDVALIDITY {}] Valid\r\n* OK [UIDNEXT {}] Next\r\n",
                if read_only { "" } else { "$Forwarded " },
                folder.messages.len(),
                if rev2 { "" } else { "* 0 RECENT\r\n" },
                folder.uid_validity,
                folder.uid_next,
            );
            let unseen = folder.messages.iter().position(|m| !m.has("\\Seen"));
            if let Some(at) = unseen {
                text.push_str(&format!("* OK [UNSEEN {}] First\r\n", at + 1));
            }
            text.push_str(&if condstore {
                format!("* OK [HIGHESTMODSEQ {}] Modseq\r\n", folder.highest_modseq)
            } else {
                "* OK [NOMODSEQ] No modseq\r\n".to_owned()
            });
            if let Some((validity, since)) = resync.filter(|r| r.0 == u64::from(folder.uid_validity)) {
                tracing::trace!(validity, since, "quick resync");
                text.push_str(&vanished_since(&folder.removed, since));
                for (number, message) in (1u32..).zip(&folder.messages).filter(|(_, m)| m.modseq > since) {
                    let (uid, flags, modseq) = (message.uid, message.flags.join(" "), message.modseq);
                    text.push_str(&format!("* {number} FETCH (UID {uid} FLAGS ({flags}) MODSEQ ({modseq}))\r\n"));
                }
            }
            Ok::<_, StoreError>((text, View::new(folder, read_only)))
        })?;
        let (text, view) = found?;
        self.push(text.as_bytes())?;
        self.view = Some(view);
        Ok(format!(
            "[READ-{}] Done",
            if read_only { "ONLY" } else { "WRITE" }
        ))
    }

    /// `(CONDSTORE)` or `(QRESYNC (validity modseq …))` (RFC 7162, 3.2.5).
    fn select_options(&mut self, p: &mut Parser<'_>) -> Result<Option<Resync>, Refusal> {
        let mut resync = None;
        let mut wanted = Vec::new();
        p.list(|p| {
            let option = p.atom()?.to_ascii_uppercase();
            if option == "QRESYNC" {
                p.space()?;
                p.expect(b'(')?;
                let validity = p.number()?;
                p.space()?;
                resync = Some((validity, p.number()?));
                // Known UIDs and the sequence match data only shorten the answer.
                while !p.take(b')') {
                    p.space()?;
                    if p.peek() == Some(b'(') {
                        p.list(|p| p.set())?;
                    } else {
                        p.set()?;
                    }
                }
            }
            wanted.push(option);
            Ok(())
        })?;
        for option in wanted {
            match option.as_str() {
                "CONDSTORE" if self.can("CONDSTORE") => self.condstore = true,
                "QRESYNC" if self.qresync => {}
                _ => return Err(Refusal::Bad("Unknown SELECT option".to_owned())),
            }
        }
        Ok(resync)
    }

    pub(super) fn execute_selected(&mut self, name: &str, p: &mut Parser<'_>) -> Answer {
        let by_uid = name.starts_with("UID ");
        match name.trim_start_matches("UID ") {
            "CLOSE" | "UNSELECT" if !by_uid => self.close(name == "CLOSE"),
            "FETCH" => self.fetch(p, by_uid),
            "STORE" => self.store(p, by_uid),
            "COPY" => self.copy(p, by_uid, false),
            "MOVE" => self.copy(p, by_uid, true),
            "SEARCH" => self.search(p, by_uid),
            "EXPUNGE" => self.expunge(p, by_uid),
            _ => Err(Refusal::Bad("Unknown command".to_owned())),
        }
    }

    fn close(&mut self, expunge: bool) -> Answer {
        if expunge && !self.selected()?.read_only {
            let deleted = self.deleted(None)?;
            let folder = self.selected()?.folder.clone();
            self.shared
                .store
                .expunge(&self.account_name()?, &folder, &deleted)?;
        }
        self.view = None;
        Ok("Done".to_owned())
    }

    fn fetch(&mut self, p: &mut Parser<'_>, by_uid: bool) -> Answer {
        p.space()?;
        let set = p.set()?;
        p.space()?;
        let mut items = fetch::items(p)?;
        let mut since = None;
        let mut vanished = false;
        if p.take(b' ') {
            p.list(|p| {
                if p.take_word("CHANGEDSINCE") {
                    p.space()?;
                    since = Some(p.number()?);
                } else if p.take_word("VANISHED") {
                    vanished = true;
                } else {
                    return Err("Unknown FETCH modifier".to_owned());
                }
                Ok(())
            })?;
        }
        p.end()?;
        let folder = &self.selected()?.folder;
        let keeps = self.can("CONDSTORE")
            && !self
                .shared
                .scripts
                .read(|s| s.without_modseq.contains(folder));
        if (since.is_some() || items.contains(&Item::ModSeq)) && !keeps {
            return Err(Refusal::Bad("No modseq here".to_owned()));
        }
        self.condstore |= since.is_some() || items.contains(&Item::ModSeq);
        if by_uid && !items.contains(&Item::Uid) {
            items.insert(0, Item::Uid);
        }
        if since.is_some() && !items.contains(&Item::ModSeq) {
            items.push(Item::ModSeq);
        }
        let chosen = self.chosen(&set, by_uid)?;
        if let Some(since) = since.filter(|_| vanished && self.qresync) {
            let folder = self.selected()?.folder.clone();
            let line =
                self.read(|a| a.folder(&folder).map(|f| vanished_since(&f.removed, since)))?;
            self.push(line.unwrap_or_default().as_bytes())?;
        }
        self.tell(&chosen, &items, since)?;
        Ok("Done".to_owned())
    }

    fn tell(
        &mut self,
        chosen: &[(u32, u32)],
        items: &[Item],
        since: Option<u64>,
    ) -> Result<(), Refusal> {
        let view = self.selected()?;
        let (folder, read_only) = (view.folder.clone(), view.read_only);
        let account = self.account_name()?;
        if !read_only && items.iter().any(Item::marks_seen) {
            let uids: Vec<u32> = chosen.iter().map(|c| c.1).collect();
            let seen = [String::from("\\Seen")];
            self.shared
                .store
                .store_flags(&account, &folder, &uids, (FlagChange::Add, &seen))?;
        }
        let style = Style {
            quirks: self.shared.scripts.read(|s| s.quirks),
        };
        for &(number, uid) in chosen {
            let found = self.read(|a| a.folder(&folder).and_then(|f| f.get(uid).cloned()))?;
            let Some(message) = found.filter(|m| since.is_none_or(|s| m.modseq > s)) else {
                continue;
            };
            let line = fetch::answer(number, &message, items, style);
            self.push(&line)?;
            if items.contains(&Item::Flags)
                && let Some(view) = &mut self.view
            {
                view.told(uid, message.modseq);
            }
        }
        Ok(())
    }

    fn store(&mut self, p: &mut Parser<'_>, by_uid: bool) -> Answer {
        p.space()?;
        let set = p.set()?;
        p.space()?;
        let mut unchanged_since = None;
        if p.peek() == Some(b'(') {
            p.list(|p| {
                if !p.take_word("UNCHANGEDSINCE") {
                    return Err("Unknown STORE modifier".to_owned());
                }
                p.space()?;
                unchanged_since = Some(p.number()?);
                Ok(())
            })?;
            p.space()?;
            self.condstore = true;
        }
        let (how, silent) = p.store_verb()?;
        p.space()?;
        let flags = p.flags()?;
        p.end()?;
        self.writable()?;
        // What others did to these messages is told first: a silent change would hide it.
        self.catch_up(false)?;
        let chosen = self.chosen(&set, by_uid)?;
        let folder = self.selected()?.folder.clone();
        let account = self.account_name()?;
        // Messages changed meanwhile keep their flags and are named (RFC 7162, 3.1.3).
        let (chosen, failed): (Vec<_>, Vec<_>) = self.read(|a| {
            let fresh = |uid| {
                a.folder(&folder)
                    .and_then(|f| f.get(uid))
                    .is_none_or(|m| unchanged_since.is_none_or(|s| m.modseq <= s))
            };
            chosen.into_iter().partition(|&(_, uid)| fresh(uid))
        })?;
        let uids: Vec<u32> = chosen.iter().map(|c| c.1).collect();
        self.shared
            .store
            .store_flags(&account, &folder, &uids, (how, &flags))?;
        self.confirm(&chosen, silent)?;
        if failed.is_empty() {
            return Ok("Done".to_owned());
        }
        let failed: Vec<u32> = failed
            .iter()
            .map(|&(number, uid)| if by_uid { uid } else { number })
            .collect();
        Ok(format!(
            "[MODIFIED {}] Some were changed meanwhile",
            write_set(&failed)
        ))
    }

    /// Tells the new flags, or with `silent` only their modseq where that is wanted.
    fn confirm(&mut self, chosen: &[(u32, u32)], silent: bool) -> Result<(), Refusal> {
        let folder = self.selected()?.folder.clone();
        for &(number, uid) in chosen {
            let found = self.read(|a| a.folder(&folder).and_then(|f| f.get(uid).cloned()))?;
            let Some(message) = found else { continue };
            if !silent || self.condstore {
                let items: &[Item] = match (silent, self.condstore) {
                    (false, false) => &[Item::Uid, Item::Flags],
                    (false, true) => &[Item::Uid, Item::Flags, Item::ModSeq],
                    (true, _) => &[Item::Uid, Item::ModSeq],
                };
                let line = fetch::answer(number, &message, items, Style::default());
                self.push(&line)?;
            }
            if let Some(view) = &mut self.view {
                view.told(uid, message.modseq);
            }
        }
        Ok(())
    }

    fn copy(&mut self, p: &mut Parser<'_>, by_uid: bool, and_remove: bool) -> Answer {
        p.space()?;
        let set = p.set()?;
        p.space()?;
        let target = p.folder()?;
        p.end()?;
        if and_remove {
            self.writable()?;
        }
        let uids: Vec<u32> = self
            .chosen(&set, by_uid)?
            .into_iter()
            .map(|c| c.1)
            .collect();
        let folder = self.selected()?.folder.clone();
        let account = self.account_name()?;
        let copied = self
            .shared
            .store
            .copy(&account, (&folder, &target), &uids, and_remove);
        let (validity, pairs) = match copied {
            Ok(copied) => copied,
            Err(StoreError::NoFolder(_)) => {
                return Err(Refusal::No("[TRYCREATE] No such folder".to_owned()));
            }
            Err(fault) => return Err(fault.into()),
        };
        if pairs.is_empty() || !self.can("UIDPLUS") {
            return Ok("Done".to_owned());
        }
        let (old, new): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
        let code = format!(
            "[COPYUID {validity} {} {}]",
            write_set(&old),
            write_set(&new)
        );
        if and_remove {
            // Before the EXPUNGE lines, so that the client can follow (RFC 6851, 4.3).
            self.push(format!("* OK {code} Moved\r\n").as_bytes())?;
            return Ok("Done".to_owned());
        }
        Ok(format!("{code} Done"))
    }

    fn search(&mut self, p: &mut Parser<'_>, by_uid: bool) -> Answer {
        p.space()?;
        let mut query = search::read(p)?;
        if query.returns.is_some() && !self.can("ESEARCH") {
            return Err(Refusal::Bad("Unknown search key".to_owned()));
        }
        // IMAP4rev2 knows no other answer (RFC 9051, 6.4.4).
        if self.shared.scripts.read(|s| s.rev2) {
            query.returns.get_or_insert_with(|| vec!["ALL".to_owned()]);
        }
        let view = self.selected()?;
        let folder = view.folder.clone();
        let numbered: Vec<(u32, u32)> = view.numbered().collect();
        let highest = (
            u32::try_from(numbered.len()).unwrap_or(u32::MAX),
            view.highest_uid(),
        );
        let found: Vec<(u32, u32, u64)> = self.read(|a| {
            let Some(folder) = a.folder(&folder) else {
                return Vec::new();
            };
            let hit = |&(number, uid): &(u32, u32)| {
                let message = folder.get(uid)?;
                query
                    .key
                    .fits(number, message, highest)
                    .then_some((number, uid, message.modseq))
            };
            numbered.iter().filter_map(hit).collect()
        })?;
        let numbers: Vec<u32> = found
            .iter()
            .map(|f| if by_uid { f.1 } else { f.0 })
            .collect();
        let modseq = found.iter().map(|f| f.2).max().filter(|_| query.modseq);
        let line = search::answer(&query, &numbers, modseq, (by_uid, &self.tag));
        self.push(line.as_bytes())?;
        Ok("Done".to_owned())
    }

    fn expunge(&mut self, p: &mut Parser<'_>, by_uid: bool) -> Answer {
        let set = if by_uid {
            p.space()?;
            Some(p.set()?)
        } else {
            None
        };
        p.end()?;
        self.writable()?;
        let deleted = self.deleted(set.as_ref())?;
        let folder = self.selected()?.folder.clone();
        self.shared
            .store
            .expunge(&self.account_name()?, &folder, &deleted)?;
        Ok("Done".to_owned())
    }

    /// UIDs of the messages marked `\Deleted` that the client knows of.
    fn deleted(&self, set: Option<&Set>) -> Result<Vec<u32>, Refusal> {
        let view = self.selected()?;
        let highest = view.highest_uid();
        self.read(|a| {
            let Some(folder) = a.folder(&view.folder) else {
                return Vec::new();
            };
            let marked = folder
                .messages
                .iter()
                .filter(|m| m.has("\\Deleted"))
                .map(|m| m.uid);
            marked
                .filter(|&uid| {
                    view.sequence(uid).is_some() && set.is_none_or(|s| s.contains(uid, highest))
                })
                .collect()
        })
    }

    /// Sequence numbers and UIDs a set names.
    fn chosen(&self, set: &Set, by_uid: bool) -> Result<Vec<(u32, u32)>, Refusal> {
        let view = self.selected()?;
        let highest = if by_uid {
            view.highest_uid()
        } else {
            u32::try_from(view.len()).unwrap_or(u32::MAX)
        };
        Ok(view
            .numbered()
            .filter(|&(number, uid)| set.contains(if by_uid { uid } else { number }, highest))
            .collect())
    }

    fn selected(&self) -> Result<&View, Refusal> {
        self.view
            .as_ref()
            .ok_or_else(|| Refusal::Bad("No folder selected".to_owned()))
    }

    fn writable(&self) -> Result<(), Refusal> {
        if self.selected()?.read_only {
            return Err(Refusal::No("[CANNOT] Opened for reading only".to_owned()));
        }
        Ok(())
    }
}

/// `* VANISHED (EARLIER) …` for what has gone since (RFC 7162, 3.2.10.1).
fn vanished_since(removed: &[(u32, u64)], since: u64) -> String {
    let mut gone: Vec<u32> = removed
        .iter()
        .filter(|r| r.1 > since)
        .map(|r| r.0)
        .collect();
    gone.sort_unstable();
    if gone.is_empty() {
        String::new()
    } else {
        format!("* VANISHED (EARLIER) {}\r\n", write_set(&gone))
    }
}
