# Setting up a mailbox.

setup-title = Add your official mailbox
setup-hint = Type your official address and password; the program finds the servers.
setup-name = Full name
setup-name-hint = Nguyễn Văn An
setup-address = Address
setup-address-hint = name@agency.gov.vn
setup-password = Password
setup-password-hint = Mailbox password
setup-advanced = Type the servers
setup-advanced-hide = Find the servers
setup-login = Login name
setup-login-hint = empty: the address and the part before @ are tried
setup-imap = Server for reading
setup-imap-hint = imaps://mail.agency.gov.vn
setup-smtp = Server for sending
setup-smtp-hint = smtps://mail.agency.gov.vn
setup-go = Set up
setup-running = Checking…
error-detail = Technical details
error-copy = Copy for the help desk
