#!/bin/bash
# Starts Dovecot and Postfix of one test instance as root, obeys commands on standard input, and when that ends
# (the test is over or was killed) stops both and removes the folder.
#   guard.sh DIR IMAP_PORT SMTP_PORT
#   commands: (start|stop|kill) (dovecot|postfix)    answers: lines, then "ok" or "failed"
set -u
dir=$1
declare -A port=([dovecot]=$2 [postfix]=$3) pid=()
cd "$dir" || exit 1

# Postfix looks after its own queue folders only in `postfix start`, whose checks take seconds.
make_queue() {
    install -d -o root -m 755 q q/pid
    install -d -o postfix -m 700 data q/active q/bounce q/corrupt q/defer q/deferred q/flush q/hold q/incoming \
        q/private q/saved q/trace
    install -d -o postfix -g postdrop -m 730 q/maildrop
    install -d -o postfix -g postdrop -m 710 q/public
    chown root:root p/main.cf p/master.cf
}

# setsid: a group of its own, so that a kill reaches the children too. pdeathsig: should this guard be shot.
launch() {
    local -A command=(
        [dovecot]="dovecot -F -c $dir/dovecot.conf"
        [postfix]="/usr/lib/postfix/sbin/master -c $dir/p -d"
    )
    # shellcheck disable=SC2086 # the paths are ours and have no blanks; a subshell would hide the daemon's pid
    setsid setpriv --pdeathsig TERM ${command[$1]} </dev/null >>"log/$1.out" 2>&1 &
    pid[$1]=$!
}

accepts() { (exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}") 2>/dev/null; }

start() {
    [ -n "${pid[$1]:-}" ] && return 0
    rm -f d/master.pid
    launch "$1"
    local deadline=$((SECONDS + 30))
    until accepts "$1"; do
        if ! kill -0 "${pid[$1]}" 2>/dev/null || ((SECONDS > deadline)); then
            tail -n 20 "log/$1.out" "log/$1.log" 2>/dev/null
            return 1
        fi
        sleep 0.02
    done
}

# The kill at the end gets what a master that is gone, or stuck, has left behind.
stop() {
    local master=${pid[$1]:-} deadline=$((SECONDS + 5))
    [ -n "$master" ] || return 0
    kill -TERM "$master" 2>/dev/null
    while kill -0 "$master" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.02; done
    kill_hard "$1"
}

kill_hard() {
    local master=${pid[$1]:-}
    [ -n "$master" ] || return 0
    kill -KILL -- "-$master" 2>/dev/null
    wait "$master" 2>/dev/null
    unset "pid[$1]"
}

clean_up() {
    trap '' TERM INT HUP
    # Nothing here is worth an orderly end, for which Postfix takes seconds.
    kill_hard postfix
    kill_hard dovecot
    cd /
    rm -rf -- "$dir"
}

answer() { if "$@"; then echo ok; else echo failed; fi; }

start_both() { make_queue && start dovecot && start postfix; }

trap clean_up EXIT
trap 'exit 1' TERM INT HUP
# A reader that is gone must not end the guard before it has cleaned up.
trap '' PIPE
answer start_both
while read -r verb name; do
    case $verb in
        start) answer start "$name" ;;
        stop) answer stop "$name" ;;
        kill) answer kill_hard "$name" ;;
        *) echo "unknown command"; echo failed ;;
    esac
done
