//! Whatever happens, the counters of the folders say what a recount says.

use tcv_domain::message::{FlagChange, Flags, FolderId, MessageId};

use super::super::{Change, SyncBatch};
use super::*;
use crate::types::UndoStep;

/// A small generator (xorshift64*): the same walk on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % sides
    }
}

fn recount(mail: &Mailbox) {
    for folder in mail.store.folders(ACCOUNT).unwrap() {
        let (total, unread): (u32, u32) = mail
            .store
            .read(|c| {
                Ok(c.query_row(
                    "SELECT /* test */ count(*) FILTER (WHERE (flags / 8) % 2 = 0),
                            count(*) FILTER (WHERE (flags / 8) % 2 = 0 AND flags % 2 = 0)
                       FROM messages WHERE folder = ?1",
                    [folder.id.0],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?)
            })
            .unwrap();
        assert_eq!(
            (folder.total, folder.unread),
            (total, unread),
            "{}",
            folder.name
        );
    }
}

/// What is counted is what is listed.
fn local_counts(mail: &Mailbox) {
    for folder in [mail.inbox, mail.archive, mail.trash, mail.sent] {
        let listed = mail.store.local_uids(folder).unwrap().len();
        assert_eq!(mail.store.count_local(folder).unwrap(), listed);
    }
}

/// Index rows and messages said to be indexed are always one to one.
fn index_matches(mail: &Mailbox) {
    let (rows, lost): (i64, i64) = mail
        .store
        .read(|c| {
            let rows = c.query_row("SELECT count(*) FROM search_docsize", [], |r| r.get(0))?;
            let lost = c.query_row(
                "SELECT count(*) FROM messages
                  WHERE (indexed > 0) <> (docid IN (SELECT id FROM search_docsize))",
                [],
                |r| r.get(0),
            )?;
            Ok((rows, lost))
        })
        .unwrap();
    let messages: i64 = mail
        .store
        .read(|c| {
            let sql = "SELECT count(*) FROM messages WHERE indexed > 0";
            Ok(c.query_row(sql, [], |r| r.get(0))?)
        })
        .unwrap();
    assert_eq!((rows, lost), (messages, 0));
}

fn step(mail: &Mailbox, dice: &mut Dice, undo: &mut Vec<UndoStep>, next: &mut u32) {
    let folders: [FolderId; 4] = [mail.inbox, mail.archive, mail.trash, mail.sent];
    let folder = folders[dice.roll(4)];
    mail.store.index_pending(dice.roll(4)).unwrap();
    let ids = mail.ids(folder);
    let some: Vec<MessageId> = ids.into_iter().filter(|_| dice.roll(3) == 0).collect();
    let flag = [Flags::SEEN, Flags::DELETED, Flags::FLAGGED][dice.roll(3)];
    let outcome = match dice.roll(8) {
        0 | 1 => {
            let batch = SyncBatch {
                headers: (0..4).map(|n| header(*next + n)).collect(),
                flags: (1..*next).step_by(3).map(|uid| (uid, flag)).collect(),
                vanished: vec![1 + u32::try_from(dice.roll(40)).unwrap()],
                watermark: None,
            };
            *next += 4;
            mail.store.apply_sync(folder, &batch).unwrap();
            return;
        }
        2 => mail
            .store
            .change(&some, Change::Flag(FlagChange::set(flag))),
        3 => mail
            .store
            .change(&some, Change::Flag(FlagChange::clear(flag))),
        4 => mail
            .store
            .change(&some, Change::Move(folders[dice.roll(4)])),
        5 => mail.store.change(&some, Change::Delete),
        6 => mail.store.undo(&std::mem::take(undo)),
        _ => {
            for op in mail.store.pending_ops(ACCOUNT).unwrap() {
                mail.begin(op.id);
                match dice.roll(3) {
                    0 => mail.store.finish_ops(&[op.id]).map(drop),
                    1 => mail.store.fail_op(op.id, "NO").map(drop),
                    _ => mail.store.retry_op(op.id, dice.roll(2) == 0),
                }
                .unwrap();
            }
            mail.store.drop_unmatched(folder).unwrap();
            return;
        }
    };
    *undo = outcome.unwrap().undo;
}

#[test]
fn counters_hold_through_random_changes() {
    for seed in [1, 20_261_123] {
        let mail = Mailbox::new();
        let (mut dice, mut undo, mut next) = (Dice(seed), Vec::new(), 1);
        for _ in 0..150 {
            step(&mail, &mut dice, &mut undo, &mut next);
            recount(&mail);
            local_counts(&mail);
        }
        index_matches(&mail);
        mail.store
            .put_folders(ACCOUNT, &remote_folders()[..2])
            .unwrap();
        recount(&mail);
        index_matches(&mail);
    }
}
