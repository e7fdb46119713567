# The command line: answers for people.

cli-detail = Technical details: { $detail }

cli-no-account = There is no mailbox yet. Add one with: thucongvu account add --address ADDRESS --password-stdin
cli-unknown-account = There is no mailbox { $address } on this computer; see: thucongvu account list
cli-account-added = Mailbox added: { $account }
cli-account-removed = Mailbox { $address } removed from this computer; the mail on the server stays.
cli-password-ask = Password of { $address }:{" "}
cli-password-empty = There is no password on standard input.
cli-password-missing = No password: use --password-stdin and pass it on standard input.

cli-vault-ask = Passphrase of the vault:{" "}
cli-vault-new = This computer has no system keyring. Choose a passphrase for the program’s own vault:{" "}
cli-vault-again = Passphrase again:{" "}
cli-vault-differs = The two passphrases do not match.
cli-vault-no-terminal = No passphrase: use --vault-passphrase-file FILE or the variable THUCONGVU_VAULT_PASSPHRASE_FILE.

cli-no-folders-yet = There are no folders on this computer yet; run thucongvu sync first.
cli-unknown-folder = There is no folder “{ $folder }”; see: thucongvu folders
cli-ambiguous-folder = “{ $folder }” matches several folders: { $folders }. Please write the full name or add --account.
cli-folder-counts = { $total } messages, { $unread } unread
cli-folder-names-inbox = inbox; received
cli-folder-names-drafts = drafts; draft
cli-folder-names-sent = sent; sent mail
cli-folder-names-archive = archive; archived
cli-folder-names-junk = junk; spam
cli-folder-names-trash = trash; deleted; bin

cli-list-count = { $shown } of { $total } messages
cli-search-count = { $total } messages found
cli-from = From: { $value }
cli-to = To: { $value }
cli-cc = Cc: { $value }
cli-date = Date: { $value }
cli-subject = Subject: { $value }
cli-attachment = [attachment] { $name } ({ $size })
cli-attachment-held = [dangerous attachment, do not open] { $name } ({ $size })

cli-sync-account = { $address }: done in { $seconds } s (received { $received }, sent { $sent }, { $trips } round trips)
cli-sync-folder =   { $folder }: { $new } new, { $vanished } gone, { $flags } flags changed, { $bodies } bodies fetched
cli-sync-full = { $percent }% of the mailbox is used: make some room
cli-sync-pending = { $count } changes are waiting to reach the server.
cli-watching = Watching for new mail; press Ctrl+C to stop.
cli-mail-arrived = New messages: { $count }.

cli-changed = Flags of { $count } messages changed; the server will be told at the next sync.
cli-moved = { $count } messages moved; the server will be told at the next sync.
cli-deleted = { $count } messages moved to Trash; the server will be told at the next sync.
cli-expunged = { $count } messages deleted for good; the server will be told at the next sync.
cli-folder-created = Folder “{ $folder }” created; the server will be told at the next sync.
cli-folder-renamed = Renamed to “{ $folder }”; the server will be told at the next sync.
cli-folder-deleted = Folder “{ $folder }” deleted, { $count } messages moved to Trash; the server will be told at the next sync.
cli-folder-emptied = “{ $folder }” emptied: { $count } messages; the server will be told at the next sync.
cli-which-account = There are several accounts. Please name one with --account.
cli-flag-usage = At least one message and one flag are needed, for example: thucongvu flag 12 +seen -flagged
cli-unknown-flag = There is no flag “{ $flag }”; use one of: { $flags }

cli-bad-time = The time “{ $time }” is not understood; write 14:30, 2026-08-25 14:30 or RFC 3339.
cli-unknown-rule = There is no rule “{ $rule }”; the rules are: { $rules }
cli-check-clean = Nothing breaks the rules.
cli-rendered = Painted the message as a picture of { $width } × { $height } pixels.
cli-outbox-empty = Nothing is waiting to be sent.
cli-outbox-held = waiting for its time
cli-outbox-queued = waiting
cli-outbox-sending = being sent
cli-outbox-sent = sent
cli-outbox-refused = refused by the server
cli-outbox-doubtful = may have been sent
cli-outbox-cancelled = cancelled

cli-doctor-sound = All checks passed.
cli-doctor-trouble = Lines marked ! need a look.

cli-notice-cache-set-aside = The mail file was damaged and was set aside at { $path }; mail will be fetched again from the server.
cli-notice-own-data-salvaged = The file of drafts and unsent mail was damaged and was set aside at { $path }; { $drafts } drafts and { $outbox } unsent messages were recovered.
