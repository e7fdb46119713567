#!/bin/bash
# A private desktop: Xvfb on the display it is told, openbox, a session bus, and on request a keyring. Ends
# everything and removes the folder when standard input ends.
#   desktop.sh DIR DISPLAY WIDTHxHEIGHT (keyring|plain)
#   answers: bus=…, then "ok" or "failed"
set -u
dir=$1 size=$3 keyring=$4
pids=()
export HOME=$dir/home XDG_RUNTIME_DIR=$dir/run XDG_CONFIG_HOME=$dir/home/config XDG_DATA_HOME=$dir/home/data
export XDG_CACHE_HOME=$dir/home/cache XDG_SESSION_TYPE=x11 DISPLAY=$2 GSETTINGS_BACKEND=memory LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS XAUTHORITY
mkdir -p "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_CACHE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"

# pdeathsig: should this script itself be shot.
launch() {
    local name=$1
    shift
    setpriv --pdeathsig KILL "$@" <"${input:-/dev/null}" >"$dir/$name.log" 2>&1 &
    pids+=($!)
}

clean_up() {
    trap '' TERM INT HUP
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill -TERM "${pids[i]}" 2>/dev/null
    done
    # Xvfb removes its lock and socket when it is asked to end; 5 s, then it is not asked any more.
    local deadline=$((SECONDS + 5))
    for p in "${pids[@]}"; do
        while kill -0 "$p" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.02; done
        kill -KILL "$p" 2>/dev/null
    done
    rm -rf -- "$dir"
}

fail() {
    echo "$1"
    tail -n 10 "$dir"/*.log 2>/dev/null
    echo failed
    exit 1
}

# wait_for WHAT COMMAND…: until the command succeeds.
wait_for() {
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || fail "no $what"
        sleep 0.05
    done
}

trap clean_up EXIT
trap 'exit 1' TERM INT HUP
trap '' PIPE

launch xvfb Xvfb "$DISPLAY" -screen 0 "${size}x24" -nolisten tcp -noreset
wait_for Xvfb xprop -root

# Vietnamese letters get keys of their own, on codes that otherwise hold multimedia keys (136–202; modifiers follow
# from 203). For a letter without a key xdotool changes the map while it types, faster than a busy program reads it.
letters=ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ
for ((i = 0; i < ${#letters}; i++)); do
    small=${letters:i:1}
    large=${small^}
    printf 'keycode %d = U%04X U%04X\n' $((136 + i)) "'$small" "'$large"
done >"$dir/keys"
xmodmap "$dir/keys" || fail "no Vietnamese keys"

export DBUS_SESSION_BUS_ADDRESS=unix:path=$dir/run/bus
# No service folders: the usual bus would start any installed keyring or notification service by itself.
cat >"$dir/bus.conf" <<END
<busconfig>
  <type>session</type>
  <listen>$DBUS_SESSION_BUS_ADDRESS</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
launch dbus dbus-daemon --config-file="$dir/bus.conf" --nofork --nopidfile
wait_for "session bus" test -S "$dir/run/bus"
launch bus dbus-monitor --session

# It announces itself before it is ready, and a window opened in between stays unmapped for good; this command it
# runs when it is.
launch openbox openbox --sm-disable --startup "touch $dir/managed"
wait_for "window manager" test -e "$dir/managed"

if [ "$keyring" = keyring ]; then
    printf 'only-for-tests' >"$dir/unlock"
    input=$dir/unlock launch keyring gnome-keyring-daemon --foreground --components=secrets --unlock
    wait_for keyring sh -c 'dbus-send --session --print-reply --dest=org.freedesktop.secrets \
        /org/freedesktop/secrets org.freedesktop.Secret.Service.ReadAlias string:default | grep -q collection/'
fi

echo "bus=$DBUS_SESSION_BUS_ADDRESS"
echo ok
while read -r _; do :; done
