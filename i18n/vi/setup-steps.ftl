# setup-steps
