//! Real Dovecot and Postfix, one throw-away instance a run
