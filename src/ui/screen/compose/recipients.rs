//! The recipients fields: typing, suggestions, chips, and where the focus goes.

use iced::Task;
use tcv_domain::address::Address;
use tcv_engine::Error;

use super::{Action, Compose, Field, Message, chips};

/// Suggestions shown at most.
const SUGGESTIONS: usize = 6;

impl Compose {
    pub(super) fn typed(&mut self, field: Field, text: String) -> Action {
        self.at = chips::input_id(field).into();
        let added = self.chips_of(field).typed(text);
        self.leave_fields(Some(field));
        let wanted = self.chips_of(field).input().trim().to_owned();
        self.suggestions = None;
        if added {
            return self.chips_changed(field);
        }
        let Action::Run(touched) = self.touched() else {
            return Action::Run(Task::none());
        };
        if wanted.is_empty() {
            return Action::Run(touched);
        }
        self.asked += 1;
        self.suggestions = Some((field, Vec::new()));
        self.chosen_suggestion = 0;
        let (engine, asked) = (self.engine.clone(), self.asked);
        let suggest = Task::perform(
            async move { engine.complete(wanted, SUGGESTIONS).await },
            move |found| Message::Suggested(asked, found),
        );
        Action::Run(Task::batch([touched, suggest]))
    }

    pub(super) fn suggested(&mut self, asked: u64, addresses: Result<Vec<Address>, Error>) {
        if asked != self.asked {
            return;
        }
        if let (Ok(found), Some((_, shown))) = (addresses, &mut self.suggestions) {
            *shown = found;
        }
    }

    /// Enter takes the chosen suggestion, or what was typed if it is an address.
    pub(super) fn submitted(&mut self, field: Field) -> Action {
        let suggestion = match &self.suggestions {
            Some((of, found)) if *of == field && !self.chips[field as usize].input_is_address() => {
                found
                    .get(self.chosen_suggestion.min(found.len().saturating_sub(1)))
                    .cloned()
            }
            _ => None,
        };
        self.suggestions = None;
        match suggestion {
            Some(address) => self.chips_of(field).add(address),
            None => self.chips_of(field).commit(),
        }
        self.chips_changed(field)
    }

    pub(super) fn picked(&mut self, field: Field, index: usize) -> Action {
        if let Some((_, found)) = self.suggestions.take()
            && let Some(address) = found.into_iter().nth(index)
        {
            self.chips_of(field).add(address);
        }
        self.chips_changed(field)
    }

    /// With a chip more or less the input stands elsewhere in its row, which to iced makes it another one: the user
    /// goes on writing in it.
    pub(super) fn chips_changed(&mut self, field: Field) -> Action {
        let Action::Run(touched) = self.touched() else {
            return Action::Run(Task::none());
        };
        self.focus(field, touched)
    }

    /// Puts the focus on a recipients field.
    pub(super) fn focus(&mut self, field: Field, task: Task<Message>) -> Action {
        self.at = chips::input_id(field).into();
        Action::Focus(self.at.clone(), task)
    }

    /// What stands in the recipients fields holds, but in the one typed in. Whether that is news.
    pub(super) fn leave_fields(&mut self, but: Option<Field>) -> bool {
        let mut news = false;
        for field in Field::ALL.into_iter().filter(|field| Some(*field) != but) {
            news |= self.chips_of(field).leave();
        }
        news
    }

    pub(super) fn left(&mut self) -> Action {
        self.suggestions = None;
        if self.leave_fields(None) {
            self.touched()
        } else {
            Action::Run(Task::none())
        }
    }
}
