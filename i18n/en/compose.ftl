# The window for writing.

compose-title = New message
compose-from = From
compose-to = To
compose-cc = Cc
compose-bcc = Bcc
compose-copies = Cc, Bcc
compose-subject = Subject
compose-subject-hint = What it is about
compose-body-hint = Dear …
compose-send = Send
compose-sending = Sending…
compose-attach = Attach
compose-detach = Remove this file
compose-discard = Discard draft
compose-saved = Draft saved { $time }

review-title = Review before sending
review-hint = Something needs attention. Go back and change it, or confirm and send.
review-blocked-title = This message cannot be sent yet
review-blocked-hint = These points must be put right before it can go. It is kept in Drafts.
review-back = Go back and edit
review-send = Send anyway
review-reason-hint = Reason for sending
