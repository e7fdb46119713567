//! The screens without a window: a real engine on the practice server, messages and tasks fed
//! round by hand, clicks by the simulator. Fast beside the tests in the real window.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod compose_window;
mod faithful;
mod ordering;
mod reading;
mod tree;

use std::collections::VecDeque;
use std::sync::Arc;

use iced::Task;
use iced::futures::StreamExt as _;
use iced_test::runtime::{Action as Effect, task::into_stream};
use iced_test::simulator;
use tcv_domain::address::Address;
use tcv_domain::draft::Draft;
use tcv_domain::folder::Role;
use tcv_domain::message::Flags;
use tcv_domain::policy::Acknowledgement;
use tcv_engine::{
    Clock, Engine, ListRequest, LoadedProfile, NewAccount, Options, Secret, SecretsChoice,
    SendOptions, Settings, SyncScope, SystemClock,
};
use tcv_practice::{ADDRESS, PASSWORD, Practice};
use tcv_words::{Language, Words};

use super::{compose, mail, setup};
use crate::scene::Scene;
use crate::shortcut::Shortcut;
use crate::theme::Look;

/// A program without windows, on a server of its own.
struct Sandbox {
    engine: Engine,
    practice: Practice,
    runtime: tokio::runtime::Runtime,
    words: Words,
    settings: Settings,
    clock: Arc<dyn Clock>,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let options = tcv_practice::Options::practice(None, clock.now().0, 7 * 3600);
        let practice = Practice::start(options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (engine, notices) = Engine::open(Options {
            data_dir: folder.path().to_path_buf(),
            profile: LoadedProfile::default(),
            secrets: SecretsChoice::Memory,
            clock: Arc::clone(&clock),
            extra_roots: vec![practice.ca_der().to_vec()],
        })
        .unwrap();
        assert!(notices.is_empty());
        Self {
            engine,
            practice,
            runtime: tokio::runtime::Runtime::new().unwrap(),
            words: Words::new(Language::Vi),
            settings: Settings::default(),
            clock,
            _folder: folder,
        }
    }

    fn url(&self, scheme: &str, port: u16) -> String {
        format!("{scheme}://{}:{port}", self.practice.host())
    }

    /// With the practice account set up.
    fn with_account() -> Self {
        let sandbox = Self::new();
        let account = NewAccount {
            identity: Address::new("Nguyễn Văn An", ADDRESS),
            login: None,
            imap: Some(
                sandbox
                    .url("imaps", sandbox.practice.imap_addr().port())
                    .parse()
                    .unwrap(),
            ),
            smtp: Some(
                sandbox
                    .url("smtps", sandbox.practice.smtp_addr().port())
                    .parse()
                    .unwrap(),
            ),
            password: Secret::new(PASSWORD),
        };
        let (steps, _) = tokio::sync::mpsc::unbounded_channel();
        sandbox
            .runtime
            .block_on(sandbox.engine.add_account(account, steps))
            .unwrap();
        sandbox
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            look: Look::LIGHT,
            words: &self.words,
            settings: &self.settings,
            clock: &self.clock,
        }
    }

    /// Runs a task to its end and gives what it said.
    fn run<M: 'static>(&self, task: Task<M>) -> Vec<M> {
        let Some(stream) = into_stream(task) else {
            return Vec::new();
        };
        let said = self.runtime.block_on(stream.collect::<Vec<_>>());
        said.into_iter()
            .filter_map(|effect| match effect {
                Effect::Output(message) => Some(message),
                _ => None,
            })
            .collect()
    }

    /// Feeds messages and what comes of them until nothing is left, or an action other than
    /// running a task comes up.
    fn settle<M: 'static, A>(
        &self,
        first: Vec<M>,
        mut update: impl FnMut(M) -> A,
        task_of: impl Fn(A) -> Result<Task<M>, A>,
    ) -> Option<A> {
        let mut messages = VecDeque::from(first);
        while let Some(message) = messages.pop_front() {
            match task_of(update(message)) {
                Ok(task) => messages.extend(self.run(task)),
                Err(action) => return Some(action),
            }
        }
        None
    }

    fn compose(
        &self,
        compose: &mut compose::Compose,
        first: Vec<compose::Message>,
    ) -> Option<compose::Action> {
        self.settle(
            first,
            |message| compose.update(message),
            |action| match action {
                compose::Action::Run(task) | compose::Action::Focus(_, task) => Ok(task),
                other => Err(other),
            },
        )
    }

    fn mail(&self, mail: &mut mail::Mail, first: Vec<mail::Message>) -> Option<mail::Action> {
        let update = |message| mail.update(message, &self.settings, &self.words);
        self.settle(first, update, |action| match action {
            mail::Action::Run(task) => Ok(task),
            other => Err(other),
        })
    }

    /// The main screen, the mailbox fetched and shown.
    fn mailbox(&self) -> mail::Mail {
        self.runtime
            .block_on(self.engine.sync(SyncScope::default()))
            .unwrap();
        let engine = self.engine.clone();
        let (mut screen, load) = mail::Mail::new(engine, true, "/nowhere".into(), &self.settings);
        let loaded = self.run(load);
        assert!(self.mail(&mut screen, loaded).is_none());
        screen
    }

    /// What a click on these words says.
    fn click<M: Clone + 'static>(&self, view: iced::Element<'_, M>, words: &str) -> Vec<M> {
        let mut ui = simulator(view);
        ui.click(words)
            .unwrap_or_else(|_| panic!("no {words:?} to click on"));
        ui.into_messages().collect()
    }
}

#[test]
fn a_wrong_password_is_said_and_the_right_one_goes_on() {
    let sandbox = Sandbox::new();
    let (mut screen, _) = setup::Setup::new(sandbox.engine.clone(), false);
    let settle = |screen: &mut setup::Setup, first| {
        sandbox.settle(
            first,
            |message| screen.update(message),
            |action| match action {
                setup::Action::Run(task) => Ok(task),
                other => Err(other),
            },
        )
    };
    let typed = vec![
        setup::Message::AddressChanged(ADDRESS.to_owned()),
        setup::Message::PasswordChanged("sai-mat-khau".to_owned()),
        setup::Message::AdvancedToggled,
        setup::Message::ImapChanged(sandbox.url("imaps", sandbox.practice.imap_addr().port())),
        setup::Message::SmtpChanged(sandbox.url("smtps", sandbox.practice.smtp_addr().port())),
    ];
    assert!(settle(&mut screen, typed).is_none());
    let go = sandbox.click(
        screen.view(sandbox.scene()),
        &sandbox.words.text("setup-go"),
    );
    assert!(
        settle(&mut screen, go).is_none(),
        "a wrong password must not set the account up"
    );
    let said = sandbox
        .words
        .setup_error("error-sign-in-refused")
        .to_string();
    assert!(
        simulator(screen.view(sandbox.scene()))
            .find(said.as_str())
            .is_ok()
    );

    let right = vec![
        setup::Message::PasswordChanged(PASSWORD.to_owned()),
        setup::Message::Submitted,
    ];
    assert!(matches!(
        settle(&mut screen, right),
        Some(setup::Action::Ready)
    ));
    assert_eq!(
        sandbox
            .runtime
            .block_on(sandbox.engine.accounts())
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_letter_that_is_opened_becomes_read() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    assert!(screen.list.total > 10);
    let row = screen.list.row(0).unwrap().clone();
    assert!(!row.flags.contains(Flags::SEEN));

    assert!(
        sandbox
            .mail(&mut screen, vec![mail::Message::RowPressed(0)])
            .is_none()
    );
    assert_eq!(screen.reader.id(), Some(row.id));
    let read = sandbox
        .runtime
        .block_on(sandbox.engine.row(row.id))
        .unwrap();
    assert!(read.flags.contains(Flags::SEEN));
}

#[test]
fn a_key_goes_from_unread_to_unread() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    let unread = |screen: &mail::Mail| -> Vec<usize> {
        let rows = (0..screen.list.total).filter_map(|at| Some((at, screen.list.row(at)?)));
        let unread = rows.filter(|(_, row)| !row.flags.contains(Flags::SEEN));
        unread.map(|(at, _)| at).collect()
    };
    let expected = unread(&screen);
    assert!(expected.len() > 2);
    for at in expected.iter().take(3) {
        let action = screen.shortcut(Shortcut::NextUnread, &sandbox.settings, &sandbox.words);
        let mail::Action::Run(task) = action else {
            panic!("{action:?}")
        };
        let said = sandbox.run(task);
        sandbox.mail(&mut screen, said);
        assert_eq!(screen.list.cursor, Some(*at));
    }
}

#[test]
fn a_letter_that_comes_back_is_shown_again() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    sandbox.mail(&mut screen, vec![mail::Message::RowPressed(1)]);
    let id = screen.reader.id().unwrap();
    let done = sandbox.mail(&mut screen, vec![mail::Message::DeletePressed]);
    let Some(mail::Action::Done(undo)) = done else {
        panic!("{done:?}")
    };
    let reloaded = sandbox.run(screen.reload());
    sandbox.mail(&mut screen, reloaded);
    assert_ne!(screen.reader.id(), Some(id), "the next one is shown");
    assert!(screen.list.position(id).is_none());

    assert_eq!(undo.messages().collect::<Vec<_>>(), [id]);
    sandbox.runtime.block_on(sandbox.engine.undo(undo)).unwrap();
    let back = sandbox.run(screen.await_again(vec![id]));
    assert!(sandbox.mail(&mut screen, back).is_none());
    assert_eq!(screen.reader.id(), Some(id));
    assert_eq!(screen.list.cursor, Some(1));
    assert_eq!(screen.chosen(), [id]);
}

#[test]
fn a_draft_on_the_server_is_gone_on_with_and_away_once_sent() {
    let sandbox = Sandbox::with_account();
    let (engine, runtime) = (&sandbox.engine, &sandbox.runtime);
    let mut screen = sandbox.mailbox();
    let folders = screen.folders.iter();
    let drafts = folders.clone().find(|one| one.role == Some(Role::Drafts));
    let folder = drafts.unwrap().id;
    sandbox.mail(&mut screen, vec![mail::Message::FolderPressed(folder)]);
    sandbox.mail(&mut screen, vec![mail::Message::RowPressed(0)]);
    let row = screen.list.row(0).unwrap().clone();
    let mut go_on = || match sandbox.mail(&mut screen, vec![mail::Message::ContinuePressed]) {
        Some(mail::Action::ComposeCopy(draft)) => (draft, true),
        Some(mail::Action::Compose(draft)) => (draft, false),
        other => panic!("{other:?}"),
    };
    let (id, new) = go_on();
    assert!(new);
    assert_eq!(go_on(), (id, false), "it is not begun twice");

    // The keys reach the draft here, above those on the server.
    let reloaded = sandbox.run(screen.reload());
    assert!(sandbox.mail(&mut screen, reloaded).is_none());
    let mut key = |shortcut| screen.shortcut(shortcut, &sandbox.settings, &sandbox.words);
    key(Shortcut::Up);
    let opened = key(Shortcut::Open);
    assert!(
        matches!(opened, mail::Action::Compose(draft) if draft == id),
        "{opened:?}"
    );
    let shown = sandbox.words.text("list-continued");
    let mut ui = simulator(screen.view(sandbox.scene()));
    assert!(ui.find(shown.as_str()).is_ok());
    drop(ui);

    // A copy closed as it was opened leaves nothing behind.
    let (mut window, load) = compose::Compose::new(engine.clone(), id, Vec::new());
    window.copy = true;
    let loaded = sandbox.run(load);
    assert!(sandbox.compose(&mut window, loaded).is_none());
    let closed = sandbox.compose(&mut window, vec![compose::Message::ClosePressed]);
    assert!(matches!(closed, Some(compose::Action::Close)), "{closed:?}");
    assert!(runtime.block_on(engine.drafts()).unwrap().is_empty());
    runtime.block_on(engine.restore_draft(id)).unwrap();

    let draft = runtime.block_on(engine.draft(id)).unwrap();
    assert_eq!((&draft.subject, &draft.to), (&row.subject, &row.to));
    let left = || {
        let request = ListRequest {
            folder,
            offset: 0,
            limit: 10,
            unread_only: false,
        };
        runtime.block_on(engine.list(request)).unwrap().total
    };
    assert_eq!(left(), 1, "it stays until the letter is sent");
    let verdicts = runtime.block_on(engine.check(draft)).unwrap();
    let known = verdicts.into_iter().map(|verdict| Acknowledgement {
        rule: verdict.rule,
        evidence: Some(verdict.evidence),
        reason: Some("luyện tập".to_owned()),
    });
    let sent = engine.send(id, known.collect(), SendOptions::default());
    runtime.block_on(sent).unwrap();
    assert_eq!(left(), 0);
}

#[test]
fn a_free_mailbox_is_sent_to_only_after_saying_so() {
    let sandbox = Sandbox::with_account();
    let draft = Draft {
        from: Address::new("Nguyễn Văn An", ADDRESS),
        to: vec![Address::bare("ttbinh.qn@gmail.com")],
        subject: "Lịch họp".to_owned(),
        body: "Kính gửi chị Bình.".to_owned(),
        ..Draft::default()
    };
    let id = sandbox
        .runtime
        .block_on(sandbox.engine.create_draft(draft))
        .unwrap();
    let (mut screen, load) = compose::Compose::new(sandbox.engine.clone(), id, Vec::new());
    let loaded = sandbox.run(load);
    assert!(sandbox.compose(&mut screen, loaded).is_none());

    let send = sandbox.click(
        screen.view(sandbox.scene()),
        &sandbox.words.text("compose-send"),
    );
    assert!(
        sandbox.compose(&mut screen, send).is_none(),
        "nothing goes before the sheet"
    );
    assert!(
        sandbox
            .runtime
            .block_on(sandbox.engine.outbox())
            .unwrap()
            .is_empty()
    );

    let confirm = sandbox.click(
        screen.view(sandbox.scene()),
        &sandbox.words.text("review-send"),
    );
    let sent = sandbox.compose(&mut screen, confirm);
    assert!(matches!(sent, Some(compose::Action::Sent(_))), "{sent:?}");
    assert_eq!(
        sandbox
            .runtime
            .block_on(sandbox.engine.outbox())
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn what_is_written_is_saved_without_being_asked() {
    let sandbox = Sandbox::with_account();
    let draft = Draft {
        from: Address::bare(ADDRESS),
        ..Draft::default()
    };
    let id = sandbox
        .runtime
        .block_on(sandbox.engine.create_draft(draft))
        .unwrap();
    let (mut screen, load) = compose::Compose::new(sandbox.engine.clone(), id, Vec::new());
    let loaded = sandbox.run(load);
    sandbox.compose(&mut screen, loaded);
    let typed = vec![
        compose::Message::Typed(
            compose::Field::To,
            "ttb@tanphong.thuchanh.gov.vn,".to_owned(),
        ),
        compose::Message::SubjectChanged("Báo cáo quý III".to_owned()),
    ];
    sandbox.compose(&mut screen, typed);
    let saved = sandbox.runtime.block_on(sandbox.engine.draft(id)).unwrap();
    assert_eq!(saved.subject, "Báo cáo quý III");
    assert_eq!(saved.to[0].address, "ttb@tanphong.thuchanh.gov.vn");
}
