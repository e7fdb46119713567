//! The text being written, and the way back through what was done to it: iced's editor has none.
//!
//! A step is what one would take back at once: a word with its corrections, a line, something pasted. Vietnamese
//! input methods delete and type again while a syllable grows, so deleting does not end a word. Nothing is drawn
//! here, and nothing saved.

use iced::keyboard::{Key, key::Named};
use iced::widget::text_editor::{Action, Binding, Content, Cursor, Edit, KeyPress, Motion};

use super::Message;

/// Steps kept at most.
const STEPS: usize = 200;
/// Letters of all steps kept at most, bytes.
const BYTES: usize = 4 << 20;

/// A text as it was.
#[derive(Clone, Debug)]
struct Step {
    text: String,
    cursor: Cursor,
}

/// What the last edit was, which decides whether the next one belongs to the same step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// A letter of a word, or a correction of one.
    Letter,
    /// White space behind a word.
    Gap,
    /// Anything after which a step begins.
    End,
}

/// The text and its steps.
#[derive(Debug)]
pub struct Body {
    /// What the editor shows.
    pub content: Content,
    undone: Vec<Step>,
    done: Vec<Step>,
    last: Last,
}

impl Body {
    /// A text nothing was done to.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            content: Content::with_text(text),
            undone: Vec::new(),
            done: Vec::new(),
            last: Last::End,
        }
    }

    /// Does what the editor asks for.
    pub fn perform(&mut self, action: Action) {
        let last = match &action {
            Action::Edit(edit) => {
                let last = kind(edit, self.content.selection().is_some());
                if self.begins_step(last) {
                    self.remember();
                }
                self.undone.clear();
                last
            }
            Action::Scroll { .. } => self.last,
            _ => Last::End,
        };
        self.last = last;
        self.content.perform(action);
    }

    /// The user paused: what comes now is a step of its own.
    pub const fn pause(&mut self) {
        self.last = Last::End;
    }

    /// Takes the last step back. Whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.done.pop() else {
            return false;
        };
        self.undone.push(self.now());
        self.show(&step);
        true
    }

    /// Does again what was taken back last. Whether there was something.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.undone.pop() else {
            return false;
        };
        self.done.push(self.now());
        self.show(&step);
        true
    }

    fn begins_step(&self, next: Last) -> bool {
        match (self.last, next) {
            (Last::End, _) | (_, Last::End) => true,
            // "đề nghị": the gap belongs to the word before it, the next letter begins a step.
            (last, next) => last == Last::Gap && next == Last::Letter,
        }
    }

    fn now(&self) -> Step {
        Step {
            text: self.content.text(),
            cursor: self.content.cursor(),
        }
    }

    fn remember(&mut self) {
        self.done.push(self.now());
        let lengths: Vec<usize> = self.done.iter().map(|step| step.text.len()).collect();
        self.done.drain(..surplus(&lengths));
    }

    fn show(&mut self, step: &Step) {
        self.content = Content::with_text(&step.text);
        self.content.move_to(step.cursor);
        self.last = Last::End;
    }
}

/// How many of the oldest steps, of these lengths, go so that the rest keep within the bounds. The last one stays.
fn surplus(lengths: &[usize]) -> usize {
    let mut bytes = 0;
    let kept = lengths.iter().rev().take(STEPS).take_while(|length| {
        bytes += **length;
        bytes <= BYTES
    });
    lengths.len() - kept.count().max(1).min(lengths.len())
}

/// What an edit is to the one before and behind it.
fn kind(edit: &Edit, over_selection: bool) -> Last {
    match edit {
        _ if over_selection => Last::End,
        Edit::Insert(c) if c.is_whitespace() => Last::Gap,
        Edit::Insert(_) | Edit::Backspace => Last::Letter,
        Edit::Paste(text) if is_syllable(text) => Last::Letter,
        Edit::Paste(_) | Edit::Enter | Edit::Indent | Edit::Unindent | Edit::Delete => Last::End,
    }
}

/// Input methods hand over what was composed as if it were pasted.
fn is_syllable(text: &str) -> bool {
    !text.contains(char::is_whitespace) && text.chars().count() <= 8
}

/// The editor's keys: iced's own, with undo, redo and deleting by words; less Ctrl+Enter, which sends and must not
/// leave an empty line behind, and Esc, which closes what is open and must not take the focus away.
pub(super) fn keys(press: KeyPress) -> Option<Binding<Message>> {
    let control = press.modifiers.command() && !press.modifiers.alt();
    match press.key.as_ref() {
        Key::Named(Named::Escape) => None,
        Key::Named(Named::Enter) if control => None,
        Key::Named(Named::Backspace) if control => {
            Some(erase(Motion::WordLeft, Binding::Backspace))
        }
        Key::Named(Named::Delete) if control => Some(erase(Motion::WordRight, Binding::Delete)),
        _ => match press.key.to_latin(press.physical_key) {
            Some('z') if control && press.modifiers.shift() => {
                Some(Binding::Custom(Message::RedoPressed))
            }
            Some('z') if control => Some(Binding::Custom(Message::UndoPressed)),
            // Shows the fields for copies.
            Some('c') if control && press.modifiers.shift() => None,
            Some('y') if control => Some(Binding::Custom(Message::RedoPressed)),
            _ => Binding::from_key_press(press),
        },
    }
}

fn erase(to: Motion, how: Binding<Message>) -> Binding<Message> {
    Binding::Sequence(vec![Binding::Select(to), how])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn type_in(body: &mut Body, text: &str) {
        for c in text.chars() {
            body.perform(Action::Edit(Edit::Insert(c)));
        }
    }

    /// All texts on the way back to the beginning.
    fn way_back(body: &mut Body) -> Vec<String> {
        let mut texts = Vec::new();
        while body.undo() {
            texts.push(body.content.text());
        }
        texts
    }

    #[test]
    fn words_go_one_by_one_and_come_back() {
        let mut body = Body::new("");
        type_in(&mut body, "Kính gửi chị");
        assert_eq!(way_back(&mut body), ["Kính gửi ", "Kính ", ""]);
        while body.redo() {}
        assert_eq!(body.content.text(), "Kính gửi chị");
    }

    #[test]
    fn an_input_method_that_deletes_and_types_again_stays_in_the_word() {
        let mut body = Body::new("");
        type_in(&mut body, "đề ngh");
        type_in(&mut body, "i");
        body.perform(Action::Edit(Edit::Backspace));
        body.perform(Action::Edit(Edit::Paste(Arc::new("ị".to_owned()))));
        assert_eq!(body.content.text(), "đề nghị");
        assert_eq!(way_back(&mut body), ["đề ", ""]);
    }

    #[test]
    fn a_paste_over_a_selection_is_one_step_and_gives_the_selection_back() {
        let mut body = Body::new("Báo cáo quý III");
        body.perform(Action::SelectAll);
        body.perform(Action::Edit(Edit::Paste(Arc::new("x".to_owned()))));
        assert_eq!(body.content.text(), "x");
        assert!(body.undo());
        assert_eq!(body.content.text(), "Báo cáo quý III");
        assert_eq!(body.content.selection().as_deref(), Some("Báo cáo quý III"));
        assert!(!body.undo());
    }

    #[test]
    fn what_is_typed_after_going_back_ends_the_way_forward() {
        let mut body = Body::new("");
        type_in(&mut body, "một hai");
        assert!(body.undo());
        type_in(&mut body, "ba");
        assert!(!body.redo());
        assert_eq!(body.content.text(), "một ba");
    }

    #[test]
    fn a_move_and_a_pause_begin_a_step() {
        let mut body = Body::new("");
        type_in(&mut body, "ab");
        body.perform(Action::Move(Motion::Left));
        type_in(&mut body, "c");
        body.pause();
        type_in(&mut body, "d");
        assert_eq!(body.content.text(), "acdb");
        assert_eq!(way_back(&mut body), ["acb", "ab", ""]);
    }

    #[test]
    fn the_steps_kept_are_bounded() {
        let mut body = Body::new("");
        for _ in 0..STEPS + 50 {
            type_in(&mut body, "a ");
        }
        assert_eq!(way_back(&mut body).len(), STEPS);
        assert_eq!(surplus(&[1; 10]), 0);
        assert_eq!(surplus(&[BYTES / 2; 10]), 8);
        assert_eq!(
            surplus(&[1, BYTES, BYTES + 1]),
            2,
            "the last step is kept, however long"
        );
        assert_eq!(surplus(&[]), 0);
    }
}
