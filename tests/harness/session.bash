# Functions for a private PipeWire session, sourced by session.sh and by the tests it runs.
# Every process is ended by the id written down when it was started, never by its name, and ends
# by itself with the shell that started it.

# await SECONDS COMMAND...: run COMMAND every 20 ms until it succeeds; 1 when it never did in time.
await() {
	local deadline=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# is_gone PID: no such process, or one that only waits to be reaped.
is_gone() {
	local state
	state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 0
	case "$state" in "" | Z* | X*) return 0 ;; esac
	return 1
}

# end_process PID [SIGNAL]: end it, and return once it is gone; SIGKILL after 5 seconds.
end_process() {
	[ -n "${1:-}" ] || return 0
	kill -"${2:-TERM}" "$1" 2>/dev/null || return 0
	kill -CONT "$1" 2>/dev/null
	await 5 is_gone "$1" && return 0
	kill -KILL "$1" 2>/dev/null
	await 5 is_gone "$1"
}

has_socket() { [ -S "$XDG_RUNTIME_DIR/pipewire-0" ]; }
has_session_manager() { timeout 5 pw-cli ls Metadata 2>/dev/null | grep -q '"default"'; }

# Start the daemon, and return when it listens. Sets LUN_PIPEWIRE_PID.
pipewire_start() {
	# What a daemon killed with SIGKILL left behind would look like one that is ready.
	rm -f "$XDG_RUNTIME_DIR"/pipewire-0 "$XDG_RUNTIME_DIR"/pipewire-0.lock
	setpriv --pdeathsig TERM pipewire >>"$XDG_RUNTIME_DIR/pipewire.log" 2>&1 </dev/null &
	export LUN_PIPEWIRE_PID=$!
	echo "$LUN_PIPEWIRE_PID" >"$XDG_RUNTIME_DIR/pipewire.pid"
	await 20 has_socket
}

# Start the session manager, and return when its metadata are there. Sets LUN_WIREPLUMBER_PID.
wireplumber_start() {
	setpriv --pdeathsig TERM wireplumber >>"$XDG_RUNTIME_DIR/wireplumber.log" 2>&1 </dev/null &
	export LUN_WIREPLUMBER_PID=$!
	echo "$LUN_WIREPLUMBER_PID" >"$XDG_RUNTIME_DIR/wireplumber.pid"
	await 20 has_session_manager
}

pipewire_stop() { end_process "$(cat "$XDG_RUNTIME_DIR/pipewire.pid" 2>/dev/null)" "${1:-TERM}"; }
wireplumber_stop() {
	end_process "$(cat "$XDG_RUNTIME_DIR/wireplumber.pid" 2>/dev/null)" "${1:-TERM}"
}
