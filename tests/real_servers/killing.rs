//! `kill -9` three hundred times, at random moments of syncing, flagging, moving, deleting and sending. What the
//! program had said it did is done; nothing is lost or doubled; its files are sound.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use serde_json::Value;
use tcv_support::{Chance, Entry, Mailbox, OtherClient, Program, ServerSpec};

use crate::letters::numbered;
use crate::office::{LONG, Office, rows};

const KILLS: usize = 300;

/// After so many of them the program may finish, and all is compared.
const BETWEEN_LOOKS: usize = 50;

/// Letters in the mailbox at first.
const LETTERS: usize = 30;

/// What the user did to a letter and was told is done. `None`: was killed over it, either may be.
#[derive(Clone, Default)]
struct Wish {
    folder: Option<String>,
    flagged: Option<bool>,
}

/// What one run of the program is to do.
enum Deed {
    Sync,
    Flag(String, bool),
    Move(String, &'static str),
    Send(String),
}

struct Trial {
    office: Office,
    chance: Chance,
    /// By Message-ID.
    wishes: BTreeMap<String, Wish>,
    /// Row by Message-ID, as of the last look.
    ids: BTreeMap<String, i64>,
    /// Subjects of letters of which the program has said that they are sent.
    sent: BTreeSet<String>,
    letters: usize,
    sendings: usize,
    /// How long each kind of run takes undisturbed.
    usual: [Duration; 4],
}

impl Trial {
    fn open() -> Self {
        let office = Office::in_memory(&ServerSpec::default());
        office.add_nva();
        let mut client = OtherClient::of(&office.servers, office.nva()).unwrap();
        client.run("CREATE Archive").unwrap();
        let mut trial = Self {
            office,
            chance: Chance::new(),
            wishes: BTreeMap::new(),
            ids: BTreeMap::new(),
            sent: BTreeSet::new(),
            letters: 0,
            sendings: 0,
            usual: [Duration::ZERO; 4],
        };
        (0..LETTERS).for_each(|_| trial.letter_comes());
        trial
            .office
            .program
            .write("thu.txt", "Kính gửi.\n")
            .unwrap();
        trial.finish_and_compare();
        for _ in 0..2 {
            for kind in 0..4 {
                let deed = trial.deed(kind);
                let start = Instant::now();
                trial.run(&deed, None);
                trial.usual[kind] = trial.usual[kind].max(start.elapsed());
            }
        }
        trial
    }

    fn letter_comes(&mut self) {
        let letter = numbered(self.letters, 2_000);
        let nva = &self.office.nva().address;
        self.office.servers.drop_in(nva, "INBOX", &letter).unwrap();
        let message_id = format!("bao-cao-{}@xa.test.gov.vn", self.letters);
        let wish = Wish {
            folder: Some("INBOX".to_owned()),
            flagged: Some(false),
        };
        self.wishes.insert(message_id, wish);
        self.letters += 1;
    }

    fn deed(&mut self, kind: usize) -> Deed {
        let known: Vec<String> = self.ids.keys().cloned().collect();
        let letter = self.chance.one_of(&known).cloned().unwrap();
        match kind {
            0 => Deed::Sync,
            1 => Deed::Flag(letter, self.chance.below(2) == 0),
            2 => {
                let folders = ["INBOX", "Archive", "Trash"];
                Deed::Move(letter, self.chance.one_of(&folders).unwrap())
            }
            _ => {
                self.sendings += 1;
                Deed::Send(format!("Thư gửi {}", self.sendings))
            }
        }
    }

    /// Runs the program, and kills it when `patience` is over; whether it was killed.
    fn run(&mut self, deed: &Deed, patience: Option<Duration>) -> bool {
        let args = self.args(deed);
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        args.push("--json");
        let mut running = self.office.program.spawn(&args).unwrap();
        let done = match patience {
            Some(patience) => {
                std::thread::sleep(patience);
                running.kill().unwrap()
            }
            None => running.wait(LONG).unwrap(),
        };
        let kept = done.code == Some(0) && serde_json::from_str::<Value>(&done.stdout).is_ok();
        self.note(deed, kept, &done.stdout);
        done.code.is_none()
    }

    fn args(&self, deed: &Deed) -> Vec<String> {
        let id = |letter: &String| self.ids[letter].to_string();
        match deed {
            Deed::Sync => vec!["sync".into(), "--bodies".into(), "all".into()],
            Deed::Flag(letter, set) => {
                let flag = if *set { "+flagged" } else { "-flagged" };
                vec!["flag".into(), id(letter), flag.into()]
            }
            // Of what may lie in Trash it would be for good.
            Deed::Move(letter, "Trash") if self.lies_outside_trash(letter) => {
                vec!["delete".into(), id(letter)]
            }
            Deed::Move(letter, folder) => vec!["move".into(), id(letter), (*folder).into()],
            Deed::Send(subject) => {
                let (nva, binh) = (self.office.nva(), self.office.binh());
                let file = self.office.program.file("thu.txt").display().to_string();
                let words = [
                    "send",
                    "--from",
                    &nva.address,
                    "--to",
                    &binh.address,
                    "--subject",
                    subject,
                    "--body-file",
                    &file,
                    "--wait",
                ];
                words.map(str::to_owned).to_vec()
            }
        }
    }

    fn lies_outside_trash(&self, letter: &String) -> bool {
        let known = self
            .wishes
            .get(letter)
            .and_then(|wish| wish.folder.as_deref());
        known.is_some_and(|folder| folder != "Trash")
    }

    /// What the program said it did must hold from now on; what it was killed over may.
    fn note(&mut self, deed: &Deed, kept: bool, answer: &str) {
        match deed {
            Deed::Sync => {}
            Deed::Flag(letter, set) => {
                let wish = self.wishes.entry(letter.clone()).or_default();
                wish.flagged = kept.then_some(*set);
            }
            Deed::Move(letter, folder) => {
                let wish = self.wishes.entry(letter.clone()).or_default();
                wish.folder = kept.then(|| (*folder).to_owned());
            }
            Deed::Send(subject) => {
                if kept && answer.contains("\"state\":\"sent\"") {
                    self.sent.insert(subject.clone());
                }
            }
        }
    }

    /// The program may finish. Then server and cache are the same, and as it was wished.
    fn finish_and_compare(&mut self) {
        let office = &self.office;
        office.json(&["sync", "--bodies", "all"]);
        let report = office.json(&["sync", "--bodies", "all"]);
        assert_eq!(report["pending_ops"], 0, "{report}");
        let server = OtherClient::of(&office.servers, office.nva())
            .unwrap()
            .mailbox()
            .unwrap();
        let (cache, ids) = cached(&office.program, &server);
        let differences = server.differences(&cache);
        assert!(
            differences.is_empty(),
            "server (-) and cache (+) differ:\n{}",
            differences.join("\n")
        );
        for (letter, wish) in &self.wishes {
            let places = server.places(letter);
            assert_eq!(places.len(), 1, "{letter} lies in {places:?}");
            let (folder, entry) = server
                .entries()
                .find(|(_, entry)| entry.message_id == *letter)
                .unwrap();
            let flagged = entry.flags.contains("\\Flagged");
            assert!(
                wish.folder.as_deref().is_none_or(|wished| wished == folder),
                "{letter} lies in {folder}, not {:?}",
                wish.folder
            );
            assert!(
                wish.flagged.is_none_or(|wished| wished == flagged),
                "{letter}: flagged is {flagged}"
            );
        }
        let doctor = office.json(&["doctor"]);
        let sound = rows(&doctor["lines"])
            .into_iter()
            .find(|line| line["key"] == "data.files")
            .unwrap();
        assert_eq!(
            (&sound["value"], &sound["ok"]),
            (&"sound".into(), &true.into())
        );
        let known = |(letter, _): &(String, i64)| self.wishes.contains_key(letter);
        self.ids = ids.into_iter().filter(known).collect();
    }

    /// Each letter sent arrived once and has its copy in Sent once, or is said to be in doubt.
    fn compare_sendings(&self) {
        self.office.servers.wait_for_empty_queue().unwrap();
        let arrived = subjects(&self.office, &self.office.binh().address, "INBOX");
        let copies = subjects(&self.office, &self.office.nva().address, "Sent");
        let outbox = rows(&self.office.json(&["outbox"]));
        let mut in_doubt = 0;
        for number in 1..=self.sendings {
            let subject = format!("Thư gửi {number}");
            let count = |all: &[String]| all.iter().filter(|one| **one == subject).count();
            let items: Vec<_> = outbox
                .iter()
                .filter(|item| item["subject"] == subject.as_str())
                .collect();
            assert!(items.len() <= 1, "{subject}: {items:?}");
            let figures = (count(&arrived), count(&copies));
            match items.first().map(|item| item["state"].as_str().unwrap()) {
                Some("sent") => assert_eq!(figures, (1, 1), "{subject} was sent"),
                Some("doubtful") => {
                    in_doubt += 1;
                    assert!(figures.0 <= 1 && figures.1 <= 1, "{subject}: {figures:?}");
                }
                None => assert_eq!(figures, (0, 0), "{subject} was never accepted"),
                Some(other) => panic!("{subject} is {other}: {items:?}"),
            }
            if self.sent.contains(&subject) {
                assert_eq!(figures, (1, 1), "{subject} was said to be sent");
            }
        }
        println!("{} letters sent, {in_doubt} in doubt", arrived.len());
    }
}

/// What the program lists, and the rows by Message-ID.
fn cached(program: &Program, server: &Mailbox) -> (Mailbox, BTreeMap<String, i64>) {
    let run = |args: &[&str]| {
        let done = program.run(&[args, &["--json"]].concat()).unwrap();
        rows(&done.expect_code(0).unwrap().json().unwrap())
    };
    let (mut mailbox, mut ids) = (Mailbox::default(), BTreeMap::new());
    for folder in run(&["folders"]) {
        let name = folder["name"].as_str().unwrap();
        // What is empty on both sides need not be listed.
        let is_empty =
            folder["total"] == 0 && !server.entries().any(|(lies_in, _)| lies_in == name);
        let list = if is_empty {
            Vec::new()
        } else {
            run(&["list", "--folder", name, "--limit", "10000"])
        };
        for row in &list {
            ids.insert(
                row["message_id"].as_str().unwrap().to_owned(),
                row["id"].as_i64().unwrap(),
            );
        }
        mailbox.put(name, list.iter().filter_map(Entry::of_row));
    }
    (mailbox, ids)
}

fn subjects(office: &Office, address: &str, folder: &str) -> Vec<String> {
    let parser = MessageParser::default();
    let messages = office.servers.messages(address, folder);
    let subject = |raw: &Vec<u8>| Some(parser.parse(raw)?.subject()?.to_owned());
    messages.iter().filter_map(subject).collect()
}

#[test]
fn killed_three_hundred_times() {
    let mut trial = Trial::open();
    let (mut kills, mut ended) = (0, 0);
    while kills < KILLS {
        // Syncing is where most can go wrong; sending takes longest.
        let kind = *trial.chance.one_of(&[0, 0, 0, 1, 1, 2, 2, 3]).unwrap();
        let deed = trial.deed(kind);
        if kind == 0 {
            trial.letter_comes();
        }
        let usual = u64::try_from(trial.usual[kind].as_micros()).unwrap();
        let patience = Duration::from_micros(trial.chance.below(usual));
        if trial.run(&deed, Some(patience)) {
            kills += 1;
        } else {
            ended += 1;
        }
        if (kills + ended) % BETWEEN_LOOKS == 0 {
            trial.finish_and_compare();
            println!("{kills} kills, {ended} runs were faster");
        }
    }
    trial.finish_and_compare();
    trial.compare_sendings();
}
