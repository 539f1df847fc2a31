#!/bin/bash
# A video file under a lower third, on air as a PipeWire camera: what a real client receives is,
# byte for byte, what `lunette render` draws for the frames of the same numbers.
# $1: the folder of the built programs.
. "$(dirname "$0")/../harness/camera.sh"

scene=$work/mine
mkdir "$scene"
timeout 60 ffmpeg -v error -f lavfi -i "testsrc2=size=1280x720:rate=30:duration=1" -pix_fmt yuv420p \
	-c:v libx264 -preset ultrafast -g 10 "$scene/clip.mp4" </dev/null || not_ok "a clip is made"
stamped '
  cr:video(clip, 0, 0, cr.width, cr.height, { fit = "cover" })
  cr:rounded_rectangle(80, 830, 820, 170, 24)
  cr:set_source("#12141ae0")
  cr:fill()
  cr:text("Ada Lovelace", 120, 850, { font = "Inter", size = 48, weight = "bold", width = 740 })
' 'local clip = assert(video.open("clip.mp4"))' >"$scene/scene.lua"

# check PIXEL GST WIDTH HEIGHT FRAMES
check() {
	local name="$2 $3x$4" first count least=2
	# With sanitizers, on a busy machine, a large picture may take longer than the client stays.
	[ "$3" -lt 1920 ] || is_fast || least=1
	start_client "$2" "$3" "$4" "$5" || not_ok "$name: a client streams"
	wait "$client"
	ask numbers "$work/received" "$1" "$3" "$4" >"$work/numbers"
	is "$(wc -l <"$work/numbers")" "$5" "$name: a client gets the frames it wants"
	first=$(head -n 1 "$work/numbers")
	count=$(($(tail -n 1 "$work/numbers") - first + 1))
	exits 0 "$name: they are rendered again" render "$scene" -o "$work/rendered.$1" \
		--size "$3x$4" --from "$first" --frames "$count"
	if ask compare "$work/received" "$work/rendered.$1" "$first" "$1" "$3" "$4" "$least" \
		>"$work/out" 2>"$work/err"; then
		ok "$name: what a client receives is what is rendered ($(cat "$work/out"))"
	else
		not_ok "$name: what a client receives is what is rendered"
	fi
	await 5 status_is watchers 0 || not_ok "the client is gone"
	rm -f "$work/received" "$work/rendered.$1"
}

start_camera "$scene" --output pipewire
check nv12 NV12 1920 1080 25
is "$(status format.pixel,.format.width)" "$(printf '"nv12"\n1920')" "the camera runs in that format"
check i420 I420 1280 720 15
is "$(status format.pixel,.format.width)" "$(printf '"i420"\n1280')" "then in the client's"
check yuy2 YUY2 640 360 15
is "$(status errors)" 0 "without an error"
stop_camera

# A width and height that 4:2:0 cannot halve.
start_camera "$scene" --output pipewire --size 641x361
start_client NV12 641 361 10 || not_ok "a client streams"
wait "$client"
is "$(($(wc -c <"$work/received") / 10))" \
	"$(timeout 20 gst-launch-1.0 -q videotestsrc num-buffers=1 \
		! video/x-raw,format=NV12,width=641,height=361 ! fdsink fd=1 | wc -c)" \
	"an odd size is on air in frames of the size that GStreamer expects"
stop_camera
exit $failed
