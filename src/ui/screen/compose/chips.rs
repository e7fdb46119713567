//! A field of recipients: addresses as chips, and what is being typed.

use tcv_domain::address::{self, Address, BadAddress};

/// Which recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Primary.
    To = 0,
    /// Copies.
    Cc = 1,
    /// Blind copies.
    Bcc = 2,
}

impl Field {
    /// All three, in the order of the window.
    pub const ALL: [Self; 3] = [Self::To, Self::Cc, Self::Bcc];
}

/// Identifier of the input of a field.
#[must_use]
pub const fn input_id(field: Field) -> &'static str {
    match field {
        Field::To => "compose-to",
        Field::Cc => "compose-cc",
        Field::Bcc => "compose-bcc",
    }
}

/// The field.
#[derive(Clone, Debug, Default)]
pub struct Chips {
    addresses: Vec<Address>,
    input: String,
    /// Whether the user has gone on from what stands in the input.
    left: bool,
}

impl Chips {
    /// An empty field.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            addresses: Vec::new(),
            input: String::new(),
            left: false,
        }
    }

    /// Puts addresses in.
    pub fn set(&mut self, addresses: Vec<Address>) {
        self.addresses = addresses;
    }

    /// What became chips.
    #[must_use]
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// What is being typed.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.input
    }

    /// Whether what is being typed is a whole address already.
    #[must_use]
    pub fn input_is_address(&self) -> bool {
        address::parse_one(self.input.trim()).is_ok()
    }

    /// Chips and what is typed, so that a draft saved in mid-word loses nothing.
    #[must_use]
    pub fn all(&self) -> Vec<Address> {
        let mut all = self.addresses.clone();
        let typed = self.input.trim();
        let as_typed = |address: Result<Address, BadAddress>| {
            address.unwrap_or_else(|bad| Address::bare(bad.text))
        };
        all.extend(address::parse_list(typed).into_iter().map(as_typed));
        all
    }

    /// What is to be judged: not what is still being typed, which is no address until its end.
    #[must_use]
    pub fn judged(&self) -> Vec<Address> {
        if self.left {
            self.all()
        } else {
            self.addresses.clone()
        }
    }

    /// Takes typed or pasted text; a separator makes chips of what stands before it. Whether
    /// chips were made.
    pub fn typed(&mut self, text: String) -> bool {
        let ends = text.trim_end().ends_with([',', ';']);
        let pasted = text.contains([';', '\n']) || text.matches('@').count() > 1;
        self.input = text;
        self.left = false;
        if ends || pasted {
            self.commit();
            return true;
        }
        false
    }

    /// Makes chips of what is typed; what is no address stays to be mended.
    pub fn commit(&mut self) {
        let typed = std::mem::take(&mut self.input);
        let mut rest = Vec::new();
        for address in address::parse_list(typed.trim()) {
            match address {
                Ok(address) => self.add(address),
                Err(bad) => rest.push(bad.text),
            }
        }
        self.input = rest.join(", ");
        self.left = true;
    }

    /// The user is elsewhere now: what is typed holds as it stands. Whether that is news.
    pub fn leave(&mut self) -> bool {
        let news = !self.left && !self.input.trim().is_empty();
        if news {
            self.commit();
        }
        news
    }

    /// Adds a chip; nobody is named twice.
    pub fn add(&mut self, address: Address) {
        self.input.clear();
        if !self
            .addresses
            .iter()
            .any(|known| known.same_mailbox(&address))
        {
            self.addresses.push(address);
        }
    }

    /// Takes a chip away.
    pub fn remove(&mut self, index: usize) {
        if index < self.addresses.len() {
            self.addresses.remove(index);
        }
    }

    /// Puts another address in the place of one, keeping the name.
    pub fn replace(&mut self, old: &str, new: &str) {
        for chip in &mut self.addresses {
            if chip.address.eq_ignore_ascii_case(old) {
                new.clone_into(&mut chip.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chips: &Chips) -> Vec<&str> {
        chips
            .addresses()
            .iter()
            .map(|chip| chip.address.as_str())
            .collect()
    }

    #[test]
    fn separators_make_chips() {
        let mut chips = Chips::new();
        assert!(!chips.typed("nva@quynhon.gov.vn".into()));
        assert!(chips.typed("nva@quynhon.gov.vn,".into()));
        assert!(chips.typed("Bình <ttb@x.gov.vn>; c@d.vn".into()));
        assert_eq!(
            names(&chips),
            ["nva@quynhon.gov.vn", "ttb@x.gov.vn", "c@d.vn"]
        );
        assert_eq!(chips.input(), "");
    }

    #[test]
    fn what_is_being_typed_is_judged_only_when_the_user_has_left_it() {
        let mut chips = Chips::new();
        chips.typed("nva@quynhon".into());
        assert!(chips.judged().is_empty());
        assert_eq!(chips.all().len(), 1, "saved all the same");
        assert!(chips.leave());
        assert_eq!(chips.judged()[0].address, "nva@quynhon");
        assert!(!chips.leave(), "nothing new");
        chips.typed("nva@quynhon.".into());
        assert!(chips.judged().is_empty(), "it is being mended");
        chips.typed("nva@quynhon.gov.vn".into());
        assert!(chips.leave());
        assert_eq!(names(&chips), ["nva@quynhon.gov.vn"]);
    }

    #[test]
    fn nobody_is_named_twice_and_nothing_typed_is_lost() {
        let mut chips = Chips::new();
        chips.add(Address::bare("A@b.vn"));
        chips.add(Address::bare("a@B.vn"));
        assert_eq!(names(&chips), ["A@b.vn"]);
        chips.typed("half".into());
        assert_eq!(chips.all().len(), 2);
    }
}
