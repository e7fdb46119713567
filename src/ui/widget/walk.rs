//! Going round the fields and buttons by Tab: from the last one to the first. iced's own steps rest at no field in
//! between, where what is typed is lost.

use iced::Rectangle;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::focusable::{self, Count};
use iced::advanced::widget::operation::{self, Focusable, Operation};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Tab.
    Next,
    /// Shift+Tab.
    Previous,
}

/// Puts the focus on the next field or button that way.
pub fn walk<T: Send + 'static>(way: Way) -> impl Operation<T> {
    let goal: fn(Count) -> Focus = match way {
        Way::Next => |count| Focus::on(target(count, Way::Next)),
        Way::Previous => |count| Focus::on(target(count, Way::Previous)),
    };
    operation::then(focusable::count(), goal)
}

/// The place in the order to go to; nothing when there is nowhere to go.
fn target(Count { focused, total }: Count, way: Way) -> Option<usize> {
    let last = total.checked_sub(1)?;
    Some(match (way, focused) {
        (Way::Next, Some(at)) if at < last => at + 1,
        (Way::Next, _) => 0,
        (Way::Previous, None | Some(0)) => last,
        (Way::Previous, Some(at)) => at - 1,
    })
}

struct Focus {
    wanted: Option<usize>,
    current: usize,
}

impl Focus {
    const fn on(wanted: Option<usize>) -> Self {
        Self { wanted, current: 0 }
    }
}

impl<T> Operation<T> for Focus {
    fn focusable(&mut self, _id: Option<&Id>, _bounds: Rectangle, state: &mut dyn Focusable) {
        if self.wanted == Some(self.current) {
            state.focus();
        } else {
            state.unfocus();
        }
        self.current += 1;
    }

    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<T>)) {
        operate(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_and_round_both_ways() {
        let of = |focused, total, way| target(Count { focused, total }, way);
        assert_eq!(of(None, 0, Way::Next), None);
        assert_eq!(of(None, 3, Way::Next), Some(0));
        assert_eq!(of(Some(0), 3, Way::Next), Some(1));
        assert_eq!(of(Some(2), 3, Way::Next), Some(0));
        assert_eq!(of(None, 3, Way::Previous), Some(2));
        assert_eq!(of(Some(2), 3, Way::Previous), Some(1));
        assert_eq!(of(Some(0), 3, Way::Previous), Some(2));
        assert_eq!(of(Some(0), 1, Way::Next), Some(0));
    }
}
