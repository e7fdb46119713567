# Reports of failed delivery and read receipts, in words.

report-failed = The message to { $address } did not arrive: { $reason }.
report-delayed = The message to { $address } has not arrived yet: { $reason }. The server goes on trying.
report-delivered = The message arrived in the mailbox of { $address }.
report-relayed = The message to { $address } was passed on to a server that does not report.
report-expanded = The message to { $address } was passed on to several recipients.

reason-mailbox-full = the mailbox is full
    .advice = Ask the recipient to make room, then send it again.
reason-no-such-mailbox = there is no such mailbox
    .advice = Check the address letter by letter.
reason-no-such-domain = there is no such domain, or it takes no mail
    .advice = Check what follows the @.
reason-mailbox-disabled = the mailbox is locked or no longer used
    .advice = Ask the recipient for the address in use.
reason-too-large = the message is too large
    .advice = Split or compress the attachments, then send it again.
reason-content-refused = the recipient's server refused the content or an attachment
    .advice = Send the attachment in another format.
reason-sender-refused = the recipient's side does not take mail from this server
    .advice = Forward this report to the IT staff.
reason-unreachable = the recipient's server could not be reached
    .advice = If it is urgent, contact the recipient in another way.
reason-expired = it was tried for days in vain
    .advice = Contact the recipient in another way.
reason-loop = the message went round in circles
    .advice = Forward this report to the IT staff.
reason-unknown = the server does not say why
    .advice = See its own words below.

report-original = The message sent: “{ $subject }”
report-open-original = Open the message sent
report-resend = Correct the address and send again
report-backscatter = This message is not among those sent. If you did not send it, somebody used your address; nothing needs to be done.
report-server-words = The server wrote: { $words }

receipt-displayed = The program of { $address } reports that the message was opened.
receipt-deleted = The program of { $address } reports that the message was deleted, perhaps unread.
receipt-processed = The program of { $address } reports that the message was processed without being shown.
receipt-denied = { $address } does not want to say whether the message was read.
receipt-failed = The program of { $address } could not send a read receipt.
receipt-wanted = The sender wants to be told when this is opened. The program tells nothing by itself.
receipt-question = The sender wants to be told when this is opened.
receipt-question-to = The sender wants to be told when this is opened. The receipt would go to { $address }, which may not be where the message came from.
receipt-send = Send receipt
receipt-decline = Do not send
receipt-sent = The sender was told at { $time }.
receipt-subject = Opened: { $subject }
receipt-body = The message “{ $subject }” sent at { $sent } was opened at { $time }. This does not mean that it was read in full or agreed to.
