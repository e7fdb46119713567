//! When the user must be reminded to check the mailbox, and whether it was done.
