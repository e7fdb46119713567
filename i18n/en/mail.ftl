# The main screen: folders, list, letter.

folder-inbox = Inbox
folder-drafts = Drafts
folder-sent = Sent
folder-archive = Archive
folder-junk = Junk
folder-trash = Trash
folder-outbox = Outbox
sidebar-folders = Folders
folder-new = New folder
folder-new-below = New folder inside
folder-rename = Rename
folder-delete = Delete folder
folder-empty = Empty
folder-empty-question = { $count ->
    [one] Delete { $count } message for good?
   *[other] Delete { $count } messages for good?
}
folder-actions = Folder actions
folder-name-hint = Folder name
folder-name-empty = Please type a name.
folder-name-taken = There is a folder of this name already.
folder-name-long = The name is too long.
folder-name-character = A name cannot hold / % or *.
nav-folders = Folders
nav-back = Back to the list

action-compose = New message
action-reply = Reply
action-reply-all = Reply all
action-forward = Forward
action-continue = Continue writing
action-flag = Flag
action-unflag = Remove flag
action-archive = Archive
action-delete = Delete
action-move = Move to folder
action-more = More
action-mark-read = Mark as read
action-mark-unread = Mark as unread
action-junk = Report junk
action-refresh = Get mail now
action-settings = Settings

search-hint = Search mail, people, document numbers…
search-in-folder = in { $folder }
list-unread-count = { $count } unread
list-show-all = Show all
list-density = Roomy or compact rows
list-menu = Filter and sort
list-filter-title = Show
list-order-title = Sort by
list-filtered = { $filter }: { $count }
list-filter-empty = No such mail
filter-all = All
filter-unread = Unread
filter-flagged = Starred
filter-attachments = With attachments
filter-waiting = Waiting for my answer
order-newest = Newest first
order-oldest = Oldest first
order-sender = Sender, by given name
order-subject = Subject
order-largest = Largest first
list-loading = Opening the folder…
list-searching = Searching…
list-search-title = Search results
list-search-close = Close search
list-found = { $count ->
    [one] 1 message
   *[other] { $count } messages
}
list-all-read = No unread mail
list-all-read-hint = Everything in this folder has been read.
list-inbox-empty = No mail yet
list-inbox-empty-hint = New mail will appear here.
list-folder-empty = The folder is empty
list-continued = Being written here
list-drafts-here = Being written on this computer
draft-no-recipient = (no recipient yet)
group-older = Older

no-subject = (no subject)
no-sender = (unknown sender)

mark-answered = Answered
mark-forwarded = Forwarded
mark-invitation = With an invitation
mark-attachment = With attachments
mark-flagged = Flagged

reader-nothing = Choose a message to read
reader-nothing-hint = Press ↑ ↓ to move through the list, F1 to see the keyboard shortcuts.
reader-many = { $count } messages selected
reader-many-hint = The buttons above apply to all of them.
reader-loading = Fetching the message…
reader-to = To: { $people }
me = me
reader-details = Details
reader-details-hide = Less
reader-reply-to = Reply to
reader-show-quote = ··· Show quoted text
reader-hide-quote = Hide quoted text
reader-images-blocked = Pictures from the network are not loaded, so the sender does not learn that this message was opened.
reader-attachment-held = This message has a file that can harm the computer. It cannot be opened from here; save it only after asking the sender.

relation-same-agency = Same agency
relation-official = Official address
relation-free = Free mailbox
relation-free-short = free mailbox
relation-disposable = Throw-away mailbox
relation-look-alike = Imitates an official domain
relation-other = Outside the official system

attachment-save = Save to Downloads
attachment-save-as = Save as…
attachment-on-server = not downloaded yet
attachment-save-all = Save all
attachment-show-folder = Open folder
held-executable = Program – not opened
held-script = Script – not opened
held-macro = Macro document – not opened
held-disk-image = Disk image – not opened
held-disguised-name = Disguised name – not opened
held-archived-executable = Archive with a program in it – do not open
held-locked-archive = Archive locked with a password, cannot be checked – do not open

type-pdf = PDF
type-text = Document
type-sheet = Spreadsheet
type-slides = Slides
type-image = Picture
type-archive = Archive
type-calendar = Calendar
type-mail = Mail
type-plain = Plain text
type-other = File

expunge-question = { $count ->
    [one] Delete this message for good? It cannot be brought back.
   *[other] Delete { $count } messages for good? They cannot be brought back.
}
expunge-confirm = Delete for good

outbox-empty = Nothing waiting
outbox-empty-hint = Every message has been sent.
outbox-held = Waiting for its time
outbox-queued = Waiting; it will be sent when there is a network.
outbox-sending = Sending…
outbox-refused = The server refused this message. It is kept here; edit it or send it again.
outbox-doubtful = The connection broke while sending: the message may have been sent. Please ask the recipient or look in Sent before sending it again.
outbox-retry = Send again
outbox-edit = Edit
outbox-waits = Waiting to be sent again: { $reason }
outbox-partly = Sent, but the server refused: { $addresses }
outbox-undelivered = Sent, but did not arrive at: { $addresses }
outbox-dismiss = Got it
outbox-detail = Technical details

quote-attribution = On { $date }, { $author } wrote:
quote-forwarded = ---------- Forwarded message ----------
quote-from = From
quote-date = Date
quote-subject = Subject
quote-to = To
quote-cc = Cc

action-decode = Read in another encoding
action-source = Show source
source-shown = The message as it was received, its header first.
source-close = Back to the letter
charset-own = Automatic
charset-utf-8 = Unicode (UTF-8)
charset-windows-1258 = Vietnamese (Windows-1258)
charset-tcvn3 = Vietnamese (TCVN3 – ABC)
charset-vni = Vietnamese (VNI)
charset-viscii = Vietnamese (VISCII)
charset-viqr = Vietnamese (VIQR)
charset-windows-1252 = Western European (Windows-1252)
charset-utf-7 = Unicode (UTF-7)
charset-utf-16le = Unicode (UTF-16)
charset-gb18030 = Simplified Chinese (GB18030)
charset-big5 = Traditional Chinese (Big5)
charset-shift_jis = Japanese (Shift_JIS)
charset-iso-2022-jp = Japanese (ISO-2022-JP)
charset-euc-kr = Korean (EUC-KR)
charset-windows-1251 = Cyrillic (Windows-1251)
charset-koi8-r = Cyrillic (KOI8-R)
charset-windows-874 = Thai (Windows-874)
type-web = Web page
type-media = Sound or film
type-program = Program
