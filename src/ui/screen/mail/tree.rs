//! Changing the tree of folders in the sidebar: naming in place, and what opens below a folder.

use iced::Task;
use iced::widget::operation::focus;
use tcv_domain::folder::name::{self, NameFault};
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{AccountId, FolderId};

use super::load::read_tree;
use super::{Action, Mail};

/// The field a name is typed into.
pub const FIELD: &str = "folder-name";

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// The actions of a folder were opened or closed.
    MenuToggled(FolderId),
    /// A new folder in this account, below this one.
    CreatePressed(AccountId, Option<FolderId>),
    /// Another name for this one.
    RenamePressed(FolderId),
    /// The name was changed.
    NameChanged(String),
    /// Enter in the field.
    NameSubmitted,
    /// Nothing after all.
    Cancelled,
    /// Delete a folder.
    DeletePressed(FolderId),
    /// Empty Trash or Junk: ask first.
    EmptyPressed(FolderId),
    /// The question was answered with yes.
    EmptyConfirmed(FolderId),
}

/// What is open in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    #[default]
    Closed,
    /// The actions of a folder.
    Menu(FolderId),
    /// "Remove all for good?"
    Asking(FolderId),
    /// A name is being typed.
    Naming {
        /// Whose.
        place: Place,
        /// As typed.
        text: String,
        /// What is wrong with it.
        wrong: Option<Wrong>,
    },
}

/// Why a folder cannot be called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing was typed.
    Empty,
    /// Another folder here is called so.
    Taken,
    /// It is longer than servers keep.
    TooLong,
    /// It holds a character that cannot be in a name.
    Character,
}

impl Wrong {
    /// The catalogue's key.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Empty => "folder-name-empty",
            Self::Taken => "folder-name-taken",
            Self::TooLong => "folder-name-long",
            Self::Character => "folder-name-character",
        }
    }
}

/// What a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A new folder.
    New(AccountId, Option<FolderId>),
    /// A folder that gets another name.
    Old(FolderId),
}

impl Mail {
    pub(super) fn tree_update(&mut self, message: Message) -> Action {
        match message {
            Message::MenuToggled(folder) => self.tree_menu(folder),
            Message::CreatePressed(account, parent) => {
                self.name_folder(Place::New(account, parent), String::new())
            }
            Message::RenamePressed(id) => {
                let text = self.folder(id).map(|folder| folder.leaf().to_owned());
                self.name_folder(Place::Old(id), text.unwrap_or_default())
            }
            Message::NameChanged(typed) => self.name_typed(typed),
            Message::NameSubmitted => self.name_submitted(),
            Message::Cancelled => {
                self.tree = State::Closed;
                Action::none()
            }
            Message::DeletePressed(id) => {
                let engine = self.engine.clone();
                self.change_tree(async move { engine.delete_folder(id).await })
            }
            Message::EmptyPressed(id) => {
                self.tree = State::Asking(id);
                Action::none()
            }
            Message::EmptyConfirmed(id) => {
                let engine = self.engine.clone();
                self.change_tree(async move { engine.empty_folder(id).await })
            }
        }
    }

    fn tree_menu(&mut self, folder: FolderId) -> Action {
        self.tree = if self.tree == State::Menu(folder) {
            State::Closed
        } else {
            State::Menu(folder)
        };
        Action::none()
    }

    fn name_folder(&mut self, place: Place, text: String) -> Action {
        self.tree = State::Naming {
            place,
            text,
            wrong: None,
        };
        Action::Run(focus(FIELD))
    }

    fn name_typed(&mut self, typed: String) -> Action {
        if let State::Naming { text, wrong, .. } = &mut self.tree {
            (*text, *wrong) = (typed, None);
        }
        Action::none()
    }

    fn name_submitted(&mut self) -> Action {
        let State::Naming { place, text, .. } = &self.tree else {
            return Action::none();
        };
        let (place, text) = (*place, text.clone());
        if let Some(why) = self.fault(place, &text) {
            if let State::Naming { wrong, .. } = &mut self.tree {
                *wrong = Some(why);
            }
            return Action::none();
        }
        let engine = self.engine.clone();
        match place {
            Place::New(account, parent) => {
                self.change_tree(async move { engine.create_folder(account, parent, text).await })
            }
            Place::Old(id) => self.change_tree(async move { engine.rename_folder(id, text).await }),
        }
    }

    /// Why a folder here cannot be called so, as far as can be seen before the engine is asked.
    fn fault(&self, place: Place, typed: &str) -> Option<Wrong> {
        let leaf = match name::level(typed, None) {
            Ok(leaf) => leaf,
            Err(NameFault::Empty) => return Some(Wrong::Empty),
            Err(NameFault::TooLong) => return Some(Wrong::TooLong),
            Err(NameFault::Forbidden(_)) => return Some(Wrong::Character),
        };
        let (account, full) = match place {
            Place::New(account, parent) => {
                let above = parent.and_then(|id| self.folder(id));
                let full = above.map(|above| format!("{}/{leaf}", above.name));
                (Some(account), full.unwrap_or(leaf))
            }
            Place::Old(id) => {
                let old = self.folder(id);
                let full = old.map(|old| name::with_leaf(&old.name, Some('/'), &leaf));
                (old.map(|old| old.account), full.unwrap_or(leaf))
            }
        };
        let own = |folder: &&Folder| Place::Old(folder.id) != place;
        let taken = self.folders.iter().filter(own).any(|folder| {
            Some(folder.account) == account && folder.name.eq_ignore_ascii_case(&full)
        });
        taken.then_some(Wrong::Taken)
    }

    fn change_tree(
        &mut self,
        change: impl Future<Output = tcv_engine::Result<tcv_engine::Undo>> + Send + 'static,
    ) -> Action {
        self.tree = State::Closed;
        // The tree first: what was done is told with the folder's new name.
        let engine = self.engine.clone();
        let told = Task::future(change).then(move |undo| {
            let changed = Task::done(super::Message::Changed(undo));
            read_tree(engine.clone()).chain(changed)
        });
        Action::Run(told)
    }
}

/// Whether all messages of a folder may be removed at once.
pub(super) fn can_be_emptied(folder: &Folder) -> bool {
    matches!(folder.role, Some(Role::Trash | Role::Junk)) && folder.total > 0
}

/// Whether the user may rename and delete it.
pub(super) const fn is_own(folder: &Folder) -> bool {
    folder.role.is_none()
}
