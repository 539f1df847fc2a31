#!/bin/bash
# session.sh COMMAND...: run COMMAND in a D-Bus, PipeWire and WirePlumber session of its own, in a
# runtime folder of its own, as any user and without systemd; return its exit code. 77 with the
# reason when this machine has no PipeWire. COMMAND may source session.bash, which
# LUN_SESSION_FUNCTIONS names, to end and start the daemons.
set -u

if [ -z "${LUN_SESSION_RUNTIME:-}" ]; then
	for program in setpriv dbus-run-session pipewire wireplumber pw-cli; do
		command -v "$program" >/dev/null && continue
		echo "skipped: $program is not installed"
		exit 77
	done
	LUN_SESSION_FUNCTIONS=$(cd "$(dirname "$0")" && pwd)/session.bash
	LUN_SESSION_RUNTIME=$(mktemp -d "${TMPDIR:-/tmp}/lunette-session.XXXXXX") || exit 1
	chmod 700 "$LUN_SESSION_RUNTIME"
	export LUN_SESSION_FUNCTIONS LUN_SESSION_RUNTIME XDG_RUNTIME_DIR=$LUN_SESSION_RUNTIME
	export HOME=$XDG_RUNTIME_DIR/home
	export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state
	export XDG_DATA_HOME=$HOME/.local/share XDG_CACHE_HOME=$HOME/.cache
	mkdir -p "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_DATA_HOME" "$XDG_CACHE_HOME"
	unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS PIPEWIRE_REMOTE PIPEWIRE_RUNTIME_DIR
	trap 'rm -rf "$LUN_SESSION_RUNTIME"' EXIT
	# Each process ends with its parent, so that nothing is left when this one is killed.
	# dbus-run-session warns that it may not raise a limit: nothing that a test depends on.
	setpriv --pdeathsig TERM dbus-run-session -- setpriv --pdeathsig TERM "$BASH" "$0" "$@" \
		<&0 2> >(grep -v 'Failed to set fd limit' >&2) &
	session=$!
	trap 'kill "$session" 2>/dev/null' TERM INT HUP
	wait "$session"
	rc=$?
	# A signal interrupts wait: the session is still about to end.
	while kill -0 "$session" 2>/dev/null; do
		wait "$session"
		rc=$?
	done
	exit $rc
fi

. "$LUN_SESSION_FUNCTIONS"

command=
end_session() {
	[ -z "$command" ] || kill "$command" 2>/dev/null
	wireplumber_stop
	pipewire_stop
}

fail() {
	echo "$1; its log:" >&2
	cat "$2" >&2
	exit 1
}

trap end_session EXIT
trap 'exit 143' TERM
pipewire_start || fail "the PipeWire daemon did not come up" "$XDG_RUNTIME_DIR/pipewire.log"
wireplumber_start || fail "WirePlumber did not come up" "$XDG_RUNTIME_DIR/wireplumber.log"
# In the background, so that a signal need not wait for it.
"$@" <&0 &
command=$!
wait "$command"
rc=$?
command=
exit $rc
