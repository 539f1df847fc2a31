#!/bin/bash
# The pipewire output against a real daemon, session manager and GStreamer: every byte that a
# client receives is compared with what was published.
# $1: the folder of the built programs.
# labels: serial
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${LUN_SESSION_FUNCTIONS:-}" ]; then
	if ! command -v gst-launch-1.0 >/dev/null || ! gst-inspect-1.0 pipewiresrc >/dev/null 2>&1; then
		echo "skipped: GStreamer with pipewiresrc is not installed"
		exit 77
	fi
	exec "$here/../harness/session.sh" "$0" "$@"
fi
. "$LUN_SESSION_FUNCTIONS"

camera=$1/../tests/output-pipewire
[ -x "$camera" ] || { echo "$camera is not built"; exit 1; }
"$camera" verify 1 0 </dev/null >/dev/null
if [ $? -eq 77 ]; then
	echo "skipped: built without PipeWire"
	exit 77
fi
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$here/../lsan.supp:print_suppressions=0}
work=$XDG_RUNTIME_DIR/work
mkdir "$work"
log=$work/camera.log
publisher=
failed=0
number=0

# start NAME CLOSE-ON FORMAT...
start() {
	timeout --foreground 120 "$camera" publish "$@" >"$log" 2>&1 &
	publisher=$!
	await 15 has_node "$1"
}

has_node() { timeout 5 pw-cli ls Node | grep -qi "node.description = \"$1\""; }
told() { grep -qx "$1" "$log"; }
told_times() { [ "$(grep -c "$1" "$log")" -ge "$2" ]; }
last_watchers() { [ "$(grep '^watchers' "$log" | tail -n 1)" = "watchers $1" ]; }

# End the camera; its exit code says whether it cleaned up.
stop() {
	kill "$publisher" 2>/dev/null
	wait "$publisher"
	local rc=$?
	publisher=
	[ $rc -eq 0 ] && told closed
}

# receive NAME FORMAT WIDTH HEIGHT FRAMES: the bytes of so many frames on standard output
receive() {
	exec timeout --foreground 20 gst-launch-1.0 -q pipewiresrc "target-object=$1" "num-buffers=$5" \
		! "video/x-raw,format=$2,width=$3,height=$4" ! fdsink fd=1
}

# What GStreamer itself says is the size of a frame: not our arithmetic.
frame_bytes() {
	timeout 20 gst-launch-1.0 -q videotestsrc num-buffers=1 \
		! "video/x-raw,format=$1,width=$2,height=$3" ! fdsink fd=1 | wc -c
}

receive_and_verify() {
	(receive "$1" "$2" "$3" "$4" "$5" 2>"$6.err") |
		timeout 30 "$camera" verify "$(frame_bytes "$2" "$3" "$4")" "$5" >"$6"
	local rc=$?
	echo "# $2 $3x$4: $(cat "$6")"
	return $rc
}

# check_frames NAME FORMAT WIDTH HEIGHT FRAMES [NAME-OF-RESULT]
#
# A client that got nothing at all tries once more: the daemon of 0.3.65 mistakes an answer to the
# session manager for the camera's "my buffers are there" when both happen to bear the same
# sequence number, and hands that client buffers without memory.
check_frames() {
	local result=$work/${6:-result}
	receive_and_verify "$1" "$2" "$3" "$4" "$5" "$result" && return 0
	if grep -q '^frames 0 ' "$result"; then
		receive_and_verify "$1" "$2" "$3" "$4" "$5" "$result" && return 0
	fi
	sed 's/^/# client: /' "$result.err"
	return 1
}

# The test's name is a sentence; its function is named by the sentence.
run() {
	number=$((number + 1))
	local began=$SECONDS
	if "${1// /_}"; then
		echo "ok $number - $1 # $((SECONDS - began)) s"
	else
		echo "not ok $number - $1"
		sed 's/^/# camera: /' "$log"
		failed=1
	fi
	[ -z "$publisher" ] || stop || true
}

sizes=(1920x1080 1280x720 642x482 321x243)
declare -A spa=([nv12]=NV12 [i420]=I420 [yuy2]=YUY2 [bgra]=BGRx)

every_format_arrives_byte_for_byte() {
	local pixel size all=()
	for pixel in nv12 i420 yuy2 bgra; do
		for size in "${sizes[@]}"; do
			all+=("$pixel:$size")
		done
	done
	start "Every Format" - "${all[@]}" || return 1
	for pixel in nv12 i420 yuy2 bgra; do
		for size in "${sizes[@]}"; do
			check_frames every-format "${spa[$pixel]}" "${size%x*}" "${size#*x}" 10 || return 1
			told "format $pixel $size" || return 1
			await 5 last_watchers 0 || return 1
		done
	done
	stop
}

five_seconds_arrive_without_a_gap() {
	start "No Gap" - nv12:640x480 || return 1
	check_frames no-gap NV12 640 480 150 || return 1
	grep -q 'skipped 0 ' "$work/result" || return 1
	stop
}

frame_memory() { ls -l "/proc/$(pgrep -P "$publisher")/fd" | grep -c memfd:lunette-frame; }
holds_no_frames() { [ "$(frame_memory)" -eq 0 ]; }

a_camera_that_nobody_watches_holds_no_frames() {
	start "Idle" - nv12:640x480 || return 1
	holds_no_frames || return 1
	check_frames idle NV12 640 480 30 &
	local client=$!
	await 10 last_watchers 1 || return 1
	[ "$(frame_memory)" -ge 2 ] || return 1
	wait $client || return 1
	await 10 holds_no_frames || return 1
	stop
}

clients_see_a_camera() {
	start "Lobby Cam: 2" - nv12:640x480:bt709 bgra:640x480 || return 1
	timeout 10 pw-dump >"$work/dump.json" || return 1
	python3 - "$work/dump.json" <<-'PYTHON' || return 1
		import json, sys
		nodes = [o["info"] for o in json.load(open(sys.argv[1])) if o["type"].endswith(":Node")]
		(node,) = [n for n in nodes if n["props"].get("node.name") == "lobby-cam-2"]
		props = node["props"]
		assert props["node.description"] == "Lobby Cam: 2", props
		assert props["media.class"] == "Video/Source", props
		assert props["media.role"] == "Camera", props
		assert "device.api" not in props, props
		nv12, bgrx = node["params"]["EnumFormat"]
		for format, wanted in (nv12, ("NV12", "16-235", "bt709", "bt709", "bt709")), (
		        bgrx, ("BGRx", "0-255", "rgb", "sRGB", "bt709")):
		    assert format["size"] == {"width": 640, "height": 480}, format
		    assert format["framerate"] == {"num": 30, "denom": 1}, format
		    print("#", format)
		    # Plain values: WebRTC passes over every choice.
		    assert not any(isinstance(v, dict) and "default" in v for v in format.values()), format
	PYTHON
	stop
}

two_clients_at_once_both_get_everything() {
	start "Two" - nv12:1280x720 || return 1
	check_frames two NV12 1280 720 60 first &
	local first=$!
	await 10 last_watchers 1 || return 1
	check_frames two NV12 1280 720 60 second || return 1
	wait $first || return 1
	told "watchers 2" || return 1
	await 5 last_watchers 0 || return 1
	stop
}

# A client whose sink blocks: nobody reads its pipe. Sets $blocked.
start_blocked_client() {
	mkfifo "$work/blocked" 2>/dev/null
	sleep 100 <"$work/blocked" &
	local reader=$!
	(receive "$1" NV12 1280 720 100000) >"$work/blocked" 2>/dev/null &
	blocked=$!
	blocked_reader=$reader
}

gst_of() { pgrep -P "$1"; }

a_client_that_hangs_costs_the_others_nothing() {
	start "Hanging" - nv12:1280x720 || return 1
	start_blocked_client hanging
	await 10 grep -q 'hangs' "$log" || return 1
	check_frames hanging NV12 1280 720 60 || return 1
	kill "$blocked_reader" "$blocked"
	wait "$blocked_reader" "$blocked" 2>/dev/null
	await 5 last_watchers 0 || return 1
	check_frames hanging NV12 1280 720 30 || return 1
	stop
}

a_stopped_client_costs_the_others_nothing() {
	start "Stopped" - nv12:1280x720 || return 1
	(receive stopped NV12 1280 720 90) >"$work/stopped.raw" &
	local client=$!
	await 10 test -s "$work/stopped.raw" || return 1
	local gst
	gst=$(gst_of $client) || return 1
	kill -STOP "$gst"
	check_frames stopped NV12 1280 720 60
	local rc=$?
	kill -CONT "$gst"
	wait $client || return 1
	timeout 20 "$camera" verify "$(frame_bytes NV12 1280 720)" 90 <"$work/stopped.raw" || return 1
	rm "$work/stopped.raw"
	[ $rc -eq 0 ] && stop
}

killed_clients_leave_the_camera_whole() {
	start "Killed" - nv12:1280x720 || return 1
	check_frames killed NV12 1280 720 150 witness &
	local witness=$! i
	await 10 last_watchers 1 || return 1
	for i in 1 2; do
		start_blocked_client killed
		await 10 last_watchers 2 || return 1
		await 10 grep -q 'hangs' "$log" || return 1
		kill -KILL "$(gst_of "$blocked")" "$blocked_reader"
		wait "$blocked" "$blocked_reader" 2>/dev/null
		await 10 last_watchers 1 || return 1
	done
	wait $witness || return 1
	check_frames killed NV12 1280 720 30 || return 1
	stop
}

the_camera_comes_back_with_the_daemon() {
	start "Survivor" - nv12:640x480 || return 1
	(receive survivor NV12 640 480 100000) >"$work/cut.raw" 2>/dev/null &
	local client=$!
	await 10 last_watchers 1 || return 1
	pipewire_stop KILL
	await 10 grep -q '^lost ' "$log" || return 1
	last_watchers 0 || return 1
	kill $client # GStreamer does not notice
	wait $client
	rm "$work/cut.raw"
	wireplumber_stop
	# A try that finds nobody tells nobody: there is nothing to await but its time.
	sleep 1.5
	told back && return 1
	pipewire_start && wireplumber_start || return 1
	await 10 told back || return 1
	await 10 has_node Survivor || return 1
	check_frames survivor NV12 640 480 30 || return 1
	told_times '^lost ' 2 && return 1
	stop
}

the_camera_survives_its_session_manager() {
	start "Managed" - nv12:640x480 || return 1
	(receive managed NV12 640 480 100000) >/dev/null 2>&1 &
	local client=$!
	await 10 last_watchers 1 || return 1
	# The links go with the session manager that made them; the node stays.
	wireplumber_stop KILL
	await 10 last_watchers 0 || return 1
	wireplumber_start || return 1
	kill $client
	wait $client
	check_frames managed NV12 640 480 30 || return 1
	grep -q '^lost' "$log" && return 1
	stop
}

a_removed_node_is_made_again() {
	start "Removed" - nv12:640x480 || return 1
	timeout 5 pw-cli destroy removed >/dev/null
	await 10 grep -q '^lost ' "$log" || return 1
	await 10 told back || return 1
	check_frames removed NV12 640 480 20 || return 1
	stop
}

closed_on() {
	wait "$publisher" || return 1
	publisher=
	told closed
}

closing_inside_any_event_is_safe() {
	local event client
	for event in format watchers; do
		start "Closing" $event nv12:640x480 || return 1
		(receive closing NV12 640 480 10) >/dev/null 2>&1 &
		client=$!
		closed_on || return 1
		kill $client 2>/dev/null
		wait $client
	done
	for event in lost back; do
		start "Closing" $event nv12:640x480 || return 1
		timeout 5 pw-cli destroy closing >/dev/null
		closed_on || return 1
	done
}

closing_without_a_daemon_is_safe() {
	start "Alone" - nv12:640x480 || return 1
	pipewire_stop KILL
	await 10 grep -q '^lost ' "$log" || return 1
	stop || return 1
	wireplumber_stop
	pipewire_start && wireplumber_start
}

run "every format arrives byte for byte"
run "five seconds arrive without a gap"
run "a camera that nobody watches holds no frames"
run "clients see a camera"
run "two clients at once both get everything"
run "a client that hangs costs the others nothing"
run "a stopped client costs the others nothing"
run "killed clients leave the camera whole"
run "the camera comes back with the daemon"
run "the camera survives its session manager"
run "a removed node is made again"
run "closing inside any event is safe"
run "closing without a daemon is safe"
echo "1..$number"
exit $failed
