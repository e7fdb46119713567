# Keeping data: verify, repair, export, import, backup.

health-missing = { $file }: not there yet
health-counts = { $messages } messages ({ $bodies } with content on this computer), { $drafts } drafts, { $outbox } waiting to be sent
health-sound = The data is sound.
health-damaged = Some data is damaged. Run thucongvu repair to mend it; mail on the server is not affected.
health-key = The file cannot be opened with the key kept on this computer
health-pages = { $count } pages of the file are damaged
health-structure = { $count } faults of structure
health-references = { $count } rows refer to data that is gone
health-version = The file was written by another version of the program
health-index = The search index is wrong in { $count } places
health-bodies = The content of { $count } messages cannot be read back
health-sizes = { $count } messages differ in size from what the server said
health-counters = { $count } folders count their messages wrongly
health-writing = { $count } drafts or waiting messages are not whole
health-bytes = { $count } attachments or contents waiting for the server are missing
health-leftovers = { $count } contents no longer used, to be swept

repair-cache-replaced = The damaged mail file was set aside ({ $path }) and a new one made; mail will be fetched from the server again.
repair-own-replaced = The damaged file of drafts and waiting messages was set aside ({ $path }); { $count } drafts and waiting messages were saved.
repair-stray-rows-removed = { $count } rows that referred to nothing were removed.
repair-bodies-dropped = The damaged content of { $count } messages was dropped, to be fetched again.
repair-index-rebuilt = { $count } messages were put into the search index anew.
repair-counters-corrected = The messages of { $count } folders were counted anew.
repair-bytes-restored = { $count } contents waiting for the server were restored.
repair-attachments-lost = { $count } attachments of drafts are lost; please attach them again before sending.
repair-outbox-held = { $count } waiting messages that are not whole are held for your word.
repair-fetched = Mail was fetched from the server again.
repair-not-fetched = Mail could not be fetched from the server; the program will do so at its next start.

job-progress = { $done } of { $total } done
export-folder = { $folder }: { $count } messages
export-done = Exported { $count } messages ({ $size }) to { $path }
export-missing = { $count } messages could not be exported, because their content could not be fetched:

import-folder = { $folder }: { $count } messages imported, { $duplicates } already there
import-done = { $count } messages imported; { $duplicates } already there and { $removed } deleted ones passed over; { $unreadable } files or messages could not be read

backup-ask = Passphrase of the backup:{" "}
backup-no-terminal = No passphrase: use --passphrase-file FILE or the variable THUCONGVU_BACKUP_PASSPHRASE_FILE.
backup-made = Backup made and tried: { $path } ({ $size }): { $drafts } drafts, { $outbox } waiting messages, { $bodies } messages with content.
backup-restored = Restored from { $path }: { $drafts } drafts, { $outbox } waiting messages, { $bodies } messages with content. Please enter the passwords of the mailboxes again.
