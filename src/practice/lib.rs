//! The practice mailbox: a small IMAP and SMTP server inside the program
