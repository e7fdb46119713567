# The frame of the program.

app-name = Thư Công Vụ
opening = Opening the mailbox…
close = Close
cancel = Cancel
retry = Try again
undo = Undo
practice-badge = Practice mailbox
status-practice = Practice: no mail leaves this computer

status-idle = Not connected
status-connecting = Connecting…
status-paused = Paused
status-pause = Pause syncing
status-resume = Resume syncing
status-connected = Connected
status-syncing = Receiving mail…
status-syncing-progress = Receiving mail: { $done }/{ $all }
status-full = { $unit ->
    [messages] { $percent }% of { $limit } messages used
   *[size] { $percent }% of { $limit } used
    }
server-alert = The mail server says: { $text }
status-updated = Updated at { $time }
status-pending = { $count ->
    [one] 1 change waiting for the server
   *[other] { $count } changes waiting for the server
}
status-outbox = { $count ->
    [one] 1 message not sent
   *[other] { $count } messages not sent
}
status-mailbox-checked = Mailbox: { $when }
status-checked = { $half } checked { $time }
status-due = { $half } not checked yet
status-missed = { $half } not checked
half-morning = morning
half-afternoon = afternoon

notify-check-title = Time to check the mailbox
notify-check-body = The official mailbox has not been looked at this half day. Click here to open it.
notify-mail-title = New mail
notify-mail-body = { $count ->
    [one] 1 new message in the inbox.
   *[other] { $count } new messages in the inbox.
}

done-moved = { $count ->
    [one] Moved to “{ $folder }”.
   *[other] { $count } messages moved to “{ $folder }”.
}
done-flagged = { $count ->
    [one] Flag changed.
   *[other] Flag changed on { $count } messages.
}
done-read = { $count ->
    [one] Marked as read.
   *[other] { $count } messages marked as read.
}
done-unread = { $count ->
    [one] Marked as unread.
   *[other] { $count } messages marked as unread.
}
undo-emptied = The messages have been removed for good; this cannot be undone.
undo-late = The server has carried this out already; it cannot be undone any more.
done-emptied = { $count ->
    [one] { $count } message deleted for good.
   *[other] { $count } messages deleted for good.
}
done-folder-created = Folder “{ $folder }” created.
done-folder-renamed = Folder renamed to “{ $folder }”.
done-folder-deleted = { $count ->
    [0] Folder deleted.
   *[other] Folder deleted, { $count } messages moved to Trash.
}
done-deleted = { $count ->
    [one] Moved to Trash.
   *[other] { $count } messages moved to Trash.
}
done-expunged = { $count ->
    [one] Deleted for good.
   *[other] { $count } messages deleted for good.
}
done-sending = The message will be sent in 10 seconds.
done-discarded = Draft discarded.
done-saved = “{ $name }” saved to Downloads.
error-cannot-open = This computer has no program to open this. Please save the file and open it with another program.

notice-cache-set-aside = The copy of the mail on this computer was damaged. It was set aside and is being fetched again from the server. Drafts and unsent mail are safe. Old file: { $path }
notice-own-data-salvaged = The file with drafts and unsent mail was damaged. Recovered from it: { $drafts } drafts and { $outbox } unsent messages. Old file: { $path }
notice-profile-refused = The agency profile has an error and is not in use; defaults are in force. Please tell your IT department: { $detail }

link-title = Open this link?
link-hint = It opens in the browser. Open it only if you recognise the address; never type the mailbox password on a page opened from a message.
link-differs = The text says “{ $shown }”, but the link leads to “{ $host }”. Fraudulent mail often does this.
link-open = Open in browser

unlock-title = Unlock the mailbox
unlock-hint = This computer has no system keyring, so the mailbox password is kept in the program’s own vault. Please enter its passphrase to continue.
unlock-open = Unlock
unlock-opening = Opening…
unlock-create-title = Choose a passphrase
unlock-create-hint = This computer has no system keyring. The program will keep the mailbox password and the encryption key in its own vault, protected by a passphrase (at least 8 characters). It is asked for once each time the program starts.
unlock-create = Create vault
unlock-passphrase = Passphrase
unlock-too-short = The passphrase needs at least 8 characters.
unlock-differs = The two passphrases do not match.
unlock-repeat = Passphrase again

help-title = Keyboard shortcuts
help-close = Press F1 or Esc to close.
help-send = Send the message
help-search = Search
help-move = Next, previous message
help-open = Open, or continue a draft
help-undo = Undo
help-flag = Flag or unflag
help-read = Mark read or unread
help-select-all = Select all
help-folders = Go to folder 1…9
help-zoom = Larger, smaller text
help-quit = Quit
