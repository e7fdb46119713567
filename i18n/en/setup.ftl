# Setting up a mailbox.

setup-title = Add an official mailbox
setup-hint = Enter the official address and password; the program finds the servers.
setup-name = Full name
setup-name-hint = Nguyễn Văn An
setup-address = Address
setup-address-hint = name@agency.gov.vn
setup-password = Password
setup-password-hint = Mailbox password
setup-advanced = Enter the servers
setup-advanced-hide = Find the servers
setup-login = Login name
setup-login-hint = empty: the address and the part before @ are both tried
setup-imap = Server for reading
setup-imap-hint = imaps://mail.agency.gov.vn
setup-smtp = Server for sending
setup-smtp-hint = smtps://mail.agency.gov.vn
setup-go = Set up
setup-running = Checking…
setup-free-provider-refused = { $domain } is a provider of free mailboxes, not an official mail system, so this mailbox is not added. Official work uses the official mailbox.
    .title = Not an official mailbox
    .advice = Please enter the official address given by the agency; if there is none yet, contact your IT department.
    .severity = Not added
error-detail = Technical details
error-copy = Copy for the help desk
