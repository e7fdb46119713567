# Settings.

settings-title = Settings
settings-language = Language
settings-theme = Colours
settings-theme-system = Same as the system
settings-theme-light = Light
settings-theme-dark = Dark
settings-scale = Text size
settings-density = Message list
settings-comfortable = Roomy
settings-compact = Compact
settings-signature = Signature
settings-signature-hint = Placed at the end of every new message.
settings-accounts = Mailboxes
settings-add-account = Add a mailbox
settings-remove = Remove from this computer
settings-remove-confirm = Remove mailbox
settings-remove-hint = Mail on the server stays; only the copy and the password on this computer are deleted.
