# The steps of setting up a mailbox, in order.

setup-step-address = Check the address
setup-step-profile = Look for servers in the agency profile
setup-step-autoconfig = Ask the domain’s automatic configuration
setup-step-dns-records = Look up the domain’s records
setup-step-guess = Try the usual server names
setup-step-imap-connect = Connect securely to the server for reading
setup-step-imap-sign-in = Sign in to the server for reading
setup-step-smtp-connect = Connect securely to the server for sending
setup-step-smtp-sign-in = Sign in to the server for sending
setup-step-store = Store the password in the keyring or vault

setup-outcome-running = working
setup-outcome-done = done
setup-outcome-failed = failed
