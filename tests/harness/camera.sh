# For tests/e2e/camera_*.sh: the whole program in a session of its own. Source it with the folder of
# the built programs as $1; it starts the script again inside a private PipeWire session.
#
# Checks are cli.sh's (ok, not_ok, is, says, exits, waits); processes and awaiting session.bash's.

here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${LUN_SESSION_FUNCTIONS:-}" ]; then
	for program in gst-launch-1.0 ffmpeg python3 git; do
		command -v $program >/dev/null && continue
		echo "skipped: $program is not installed"
		exit 77
	done
	if ! gst-inspect-1.0 pipewiresrc >/dev/null 2>&1; then
		echo "skipped: GStreamer has no pipewiresrc"
		exit 77
	fi
	exec "$here/../harness/session.sh" "$0" "$@"
fi
. "$LUN_SESSION_FUNCTIONS"
. "$here/../harness/cli.sh"
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$here/../lsan.supp:print_suppressions=0}
export FONTCONFIG_FILE=$here/../fonts/fonts.conf
container=$LUNETTE_CONTAINER
socket=$container/run/lunette.sock

# What a sanitizer slows down is not measured.
is_fast() { ! grep -qa __asan_init "$lunette"; }

ask() { timeout 60 python3 "$here/camera_client.py" "$@"; }

# start_camera WORDS...: a camera without Studio, and wait until it is up
start_camera() {
	start --no-studio "$@"
	await 30 grep -q "Ctrl-C" "$work/run.out" && return
	cp "$work/run.out" "$work/out"
	cp "$work/run.err" "$work/err"
	not_ok "the camera is up within 30 s"
	exit 1
}

# stop_camera: by SIGTERM, which is to end well
stop_camera() {
	stop TERM
	[ $code = 0 ] || { cp "$work/run.err" "$work/err"; not_ok "the camera ends with 0 (not $code)"; }
}

children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
camera_pid() { children "$started" | awk '{ print $1 }'; }
renderer_pid() { children "$(camera_pid)" | awk '{ print $1 }'; }

# status KEY: of the running camera, as jq prints it
status() { timeout 10 "$lunette" status --json 2>>"$work/status.err" | jq -c ".$1"; }
status_is() { [ "$(status "$1")" = "$2" ]; }

# receive FORMAT WIDTH HEIGHT FRAMES: what a PipeWire client of the camera gets
receive() {
	exec timeout --foreground 40 gst-launch-1.0 -q pipewiresrc target-object=lunette "num-buffers=$4" \
		! "video/x-raw,format=$1,width=$2,height=$3" ! fdsink fd=1 2>>"$work/gst.err"
}

# start_client FORMAT WIDTH HEIGHT FRAMES: it writes to $work/received; sets $client.
#
# One that gets nothing tries again: the daemon of 0.3.65 mistakes an answer to the session manager
# for the camera's "my buffers are there" when both happen to bear the same sequence number, and
# hands that client buffers without memory.
start_client() {
	local try
	for try in 1 2 3; do
		(receive "$@") >"$work/received" &
		client=$!
		await 7 test -s "$work/received" && return 0
		kill $client
		wait $client
		await 5 status_is watchers 0
	done
	return 1
}

# stamped BODY [HEAD]: a scene whose frames bear their number as 16 blocks, black for 0 and white
# for 1, lowest bit first; BODY draws below them.
stamped() {
	cat <<-LUA
		local scene = {}
		${2:-}
		function scene.draw(cr, frame)
		  ${1:-}
		  for bit = 0, 15 do
		    cr:rectangle(bit * 60, 0, 60, 60)
		    cr:set_source(frame.number >> bit & 1 == 1 and "#fff" or "#000")
		    cr:fill()
		  end
		end
		return scene
	LUA
}

# publish FILE: what comes on standard input, the way most editors save: by rename
publish() {
	cat >"$1.new~"
	mv "$1.new~" "$1"
}
