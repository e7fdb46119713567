//! Which keys do what. Pure, so that the table can be tested and shown by F1.
//!
//! Nothing is bound to a plain letter, Space, Backspace or Enter while a text field has the
//! focus: Vietnamese input methods send those themselves.

use iced::keyboard::{Key, Modifiers, key::Named};

/// What the user asked for with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// New letter.
    Compose,
    /// Answer the author.
    Reply,
    /// Answer everybody.
    ReplyAll,
    /// Pass on.
    Forward,
    /// Send what is being written.
    Send,
    /// Show the fields for copies.
    Copies,
    /// To the search field.
    Search,
    /// Look for words in the letter.
    Find,
    /// Delete.
    Delete,
    /// Take the last change back.
    Undo,
    /// Open what is chosen.
    Open,
    /// Select everything in the list.
    SelectAll,
    /// Next message.
    Down,
    /// Previous message.
    Up,
    /// Next unread message.
    NextUnread,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// First message.
    Home,
    /// Last message.
    End,
    /// The n-th folder, from 1.
    Folder(usize),
    /// Fetch now.
    Refresh,
    /// Mark read or unread.
    ToggleRead,
    /// Star or unstar.
    ToggleFlag,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// As designed.
    ZoomReset,
    /// Close what is open on top.
    Escape,
    /// The list of keys.
    Help,
    /// Next field.
    Next,
    /// Previous field.
    Previous,
    /// Leave the program.
    Quit,
}

/// The shortcut of a key press; `typing` tells that a text field took the key already.
#[must_use]
pub fn of(key: &Key, modifiers: Modifiers, typing: bool) -> Option<Shortcut> {
    match key {
        Key::Character(c) if modifiers.command() => with_control(c, modifiers.shift(), typing),
        Key::Character(c) if modifiers.alt() => c
            .parse()
            .ok()
            .filter(|n| (1..=9).contains(n))
            .map(Shortcut::Folder),
        Key::Character(c) if !typing && modifiers.is_empty() => match c.as_str() {
            "j" => Some(Shortcut::Down),
            "k" => Some(Shortcut::Up),
            "n" => Some(Shortcut::NextUnread),
            _ => None,
        },
        Key::Named(named) => named_key(*named, modifiers, typing),
        _ => None,
    }
}

fn with_control(c: &str, shift: bool, typing: bool) -> Option<Shortcut> {
    Some(match c.to_lowercase().as_str() {
        "n" => Shortcut::Compose,
        "c" if shift => Shortcut::Copies,
        "r" if shift => Shortcut::ReplyAll,
        "r" => Shortcut::Reply,
        "l" => Shortcut::Forward,
        "k" => Shortcut::Search,
        "f" => Shortcut::Find,
        "q" => Shortcut::Quit,
        "u" => Shortcut::ToggleRead,
        "d" => Shortcut::ToggleFlag,
        "=" | "+" => Shortcut::ZoomIn,
        "-" => Shortcut::ZoomOut,
        "0" => Shortcut::ZoomReset,
        "z" if !typing => Shortcut::Undo,
        "a" if !typing => Shortcut::SelectAll,
        _ => return None,
    })
}

fn named_key(named: Named, modifiers: Modifiers, typing: bool) -> Option<Shortcut> {
    Some(match named {
        Named::Enter if modifiers.command() => Shortcut::Send,
        Named::Tab if modifiers.shift() => Shortcut::Previous,
        Named::Tab => Shortcut::Next,
        Named::F1 => Shortcut::Help,
        Named::F5 => Shortcut::Refresh,
        Named::Escape => Shortcut::Escape,
        _ if typing => return None,
        Named::Enter if modifiers.is_empty() => Shortcut::Open,
        Named::Delete => Shortcut::Delete,
        Named::ArrowDown => Shortcut::Down,
        Named::ArrowUp => Shortcut::Up,
        Named::PageDown => Shortcut::PageDown,
        Named::PageUp => Shortcut::PageUp,
        Named::Home => Shortcut::Home,
        Named::End => Shortcut::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn character(c: &str) -> Key {
        Key::Character(c.into())
    }

    #[test]
    fn typing_vietnamese_never_triggers_anything() {
        for c in "abcdefghijklmnopqrstuvwxyzăâđêôơư0123456789".chars() {
            assert_eq!(
                of(&character(&c.to_string()), Modifiers::empty(), true),
                None
            );
            assert_eq!(of(&character(&c.to_string()), Modifiers::SHIFT, true), None);
        }
        for named in [Named::Backspace, Named::Space, Named::Enter, Named::Delete] {
            assert_eq!(of(&Key::Named(named), Modifiers::empty(), true), None);
        }
    }

    #[test]
    fn letters_move_in_the_list_only_outside_fields() {
        assert_eq!(
            of(&character("j"), Modifiers::empty(), false),
            Some(Shortcut::Down)
        );
        assert_eq!(of(&character("j"), Modifiers::empty(), true), None);
    }

    #[test]
    fn control_and_alt() {
        let ctrl = Modifiers::CTRL;
        assert_eq!(of(&character("r"), ctrl, false), Some(Shortcut::Reply));
        assert_eq!(
            of(&character("R"), ctrl | Modifiers::SHIFT, false),
            Some(Shortcut::ReplyAll)
        );
        assert_eq!(
            of(&Key::Named(Named::Enter), ctrl, true),
            Some(Shortcut::Send)
        );
        assert_eq!(
            of(&character("z"), ctrl, true),
            None,
            "a field undoes its own typing"
        );
        assert_eq!(
            of(&character("2"), Modifiers::ALT, true),
            Some(Shortcut::Folder(2))
        );
        assert_eq!(of(&character("0"), Modifiers::ALT, true), None);
    }
}
