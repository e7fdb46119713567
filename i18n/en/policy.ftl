# Rules of sending: the sentence says what stands in the way, .title is the short name, .advice the proper way.

policy-from-free-provider = This would be sent from { $evidence }, a mailbox at a free provider. Official work uses the official mailbox.
    .title = Sent from a free provider
    .advice = Please choose the official mailbox in “From” and send again.
policy-to-free-provider = { $evidence } is a mailbox at a free provider, outside the official mail system.
    .title = Sent to a free provider
    .advice = If the recipient is an official, please use the official address; if a citizen or business, please confirm before sending.
policy-to-disposable = { $evidence } is a throw-away address: mail sent there may never be read, and strangers may see it.
    .title = Throw-away address
    .advice = Please ask the recipient for another address.
policy-mistyped-domain = { $evidence } looks mistyped, so the message may not arrive or may reach somebody else.
    .title = Possibly mistyped
    .advice = Please check the part after the @.
policy-look-alike-domain = { $evidence } imitates the domain of a state body but does not belong to one.
    .title = Imitates a state body
    .advice = Please send no documents; contact that body on a telephone number already known.
policy-former-domain = { $evidence } is at a former domain; that agency has moved to a new one.
    .title = Former domain
    .advice = Please use the new address and update the address book.
policy-invalid-address = { $evidence } is not a mail address, so nothing can be sent to it.
    .title = Address not valid
    .advice = Please correct it; a valid one looks like nva@donvi.gov.vn.
policy-forgotten-attachment = The message mentions an attachment, but nothing is attached.
    .title = Nothing attached
    .advice = Please attach the file, or confirm that none is needed.
policy-executable-attachment = { $evidence } is a program; the rules do not allow sending programs by official mail.
    .title = A program is attached
    .advice = Please remove the file; if software must be passed on, contact your IT department.
policy-too-large = The message is larger than the agency’s server accepts; its largest part is “{ $evidence }”.
    .title = Message too large
    .advice = Please remove attachments or split it into several messages.

remedy-use-official-account = Send from the official mailbox
remedy-use-address = Use the official address { $address }
remedy-correct-address = Correct to { $address }
remedy-attach-file = Attach a file
remedy-remove-attachment = Remove { $name }

severity-note = Note
severity-confirm = To be confirmed
severity-reason = Needs a reason
severity-block = May not be sent

policy-source = Based on: { $source }
