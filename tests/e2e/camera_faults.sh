#!/bin/bash
# What goes wrong around a camera on air: its clients get frames on time all the while, and its
# owner one clear sentence.
# $1: the folder of the built programs.
. "$(dirname "$0")/../harness/camera.sh"

scene=$work/mine
mkdir "$scene"
good() { stamped 'cr:set_source("#808080") cr:paint()' "$@"; }
# It takes more than a frame to load: a new renderer has nothing to show for a while.
good 'for i = 1, 4e6 do end' >"$scene/scene.lua"
lost() { cp "$work/run.err" "$work/err"; cp "$work/run.out" "$work/out"; }

# streams FRAMES SENTENCE COMMAND...: a client gets that many frames in their time while COMMAND
# runs. Their numbers never go back: black, or an old picture, would.
streams() {
	local frames=$1 sentence=$2 began took
	shift 2
	start_client NV12 640 360 "$frames" || { not_ok "$sentence: a client streams"; return; }
	began=$(date +%s%N)
	"$@"
	wait $client
	took=$((($(date +%s%N) - began) / 1000000))
	ask numbers "$work/received" nv12 640 360 >"$work/numbers"
	is "$(wc -l <"$work/numbers")" "$frames" "$sentence: all frames come"
	if [ $took -lt $((frames * 1000 / 30 + 1500)) ]; then ok "$sentence: and on time"; else
		not_ok "$sentence: and on time ($took ms)"
	fi
	# sort -c says whether they are in order.
	if ! grep -q None "$work/numbers" && sort -cn "$work/numbers" 2>"$work/err"; then
		ok "$sentence: in their order"
	else
		tr '\n' ' ' <"$work/numbers" >"$work/out"
		not_ok "$sentence: in their order"
	fi
}

# -- what `run` refuses
exits 1 "a scene that is not there is refused" run --no-studio "$work/nothing"
says err "nothing" "and named"
mkdir "$work/hollow"
exits 1 "a folder without scene.lua is refused" run --no-studio "$work/hollow"
says err "scene.lua" "and it says what is missing"
for size in 0x0 100000x100000 1920 -1x5; do
	exits 2 "run --size $size is wrong usage" run --no-studio "--size=$size" "$scene"
	exits 2 "render --size $size is wrong usage" render "$scene" -o null: "--size=$size"
done
: >"$work/file"
exits 1 "a container that cannot be written is refused" run --no-studio --container "$work/file/below" "$scene"
says err "$work/file" "and named"
cat >"$work/typed.lua" <<<'return { params = { param.bool("clock", true), param.integer("n", 3) }, draw = function() end }'
exits 2 "run --param of the wrong type is wrong usage" run --no-studio --output none "$work/typed.lua" --param clock=maybe
says err "clock wants true or false" "and says what is right"
exits 2 "render --param of the wrong type, too" render "$work/typed.lua" -o null: --frames 1 --param n=many
exits 0 "an odd size of 4:2:0 is rendered" render "$scene" -o "$work/odd.nv12" --size 641x361 --frames 2
is "$(wc -c <"$work/odd.nv12")" $((2 * (641 * 361 + 2 * 321 * 181))) "with chroma for every column and row"
echo 'syntax error' >"$work/broken.lua"
exits 1 "a broken scene is refused" run --no-studio --output none "$work/broken.lua"
says err "$work/broken.lua:1:" "with its place"

# -- a camera and its clients
start_camera "$scene" --output pipewire --size 640x360
first=$started
exits 1 "a second camera in the container is refused" run --no-studio "$scene"
says err "already running" "and says why"
is "$(status state)" '"idle"' "the first one does not mind"

streams 30 "with nothing wrong" true
kill_renderer() { kill -KILL "$(renderer_pid)"; }
before=$(renderer_pid)
streams 75 "a renderer is killed" kill_renderer
[ "$(tail -n 1 "$work/numbers")" -gt $(($(head -n 1 "$work/numbers") + 60)) ] &&
	ok "the scene is back" || not_ok "the scene is back"
[ "$(renderer_pid)" != "$before" ] && ok "in a new renderer" || not_ok "in a new renderer"
grep -q "signal 9" "$container/log/Lunette.jsonl" && ok "and the log knows" || not_ok "and the log knows"

stop_renderer() { kill -STOP "$(renderer_pid)"; }
streams 90 "a renderer hangs" stop_renderer
[ "$(tail -n 1 "$work/numbers")" -gt $(($(head -n 1 "$work/numbers") + 60)) ] &&
	ok "it is replaced" || { lost; not_ok "it is replaced"; kill -CONT "$(renderer_pid)"; }

# -- the daemon goes and comes
start_client NV12 640 360 100000 || not_ok "a client streams"
pipewire_stop KILL
await 10 grep -q output_lost "$container/log/Lunette.jsonl" || not_ok "the log knows that PipeWire went"
is "$(ask picture "$socket" | wc -w)" 2 "without PipeWire the picture is still there for Studio"
kill $client
wait $client 2>/dev/null
wireplumber_stop
pipewire_start && wireplumber_start || not_ok "PipeWire starts again"
await 10 grep -q output_back "$container/log/Lunette.jsonl" || not_ok "the log knows that it is back"
streams 30 "PipeWire was away" true

# -- scripts that fail on air: what it drew last stays
# breaks SENTENCE MESSAGE COMMAND... <<<HEAD: a scene with HEAD goes on air, and COMMAND breaks it
breaks() {
	local sentence=$1 message=$2 errors
	shift 2
	good "$(cat)" | publish "$scene/scene.lua"
	await 10 status_is last_error null
	sleep 0.2 # nothing tells that the reload is over
	"$@" >"$work/out" 2>"$work/err"
	if await 10 sh -c "'$lunette' status --json | grep -qF -- '$message'"; then
		ok "$sentence is told"
	else
		lost
		not_ok "$sentence is told"
	fi
	status last_error >"$work/out"
	says out "$scene/scene.lua" "$sentence has a place"
}
poke() { ask picture "$socket"; }
send() { timeout 10 "$lunette" send go '{"a":1}'; }
breaks "an error in update" "update went wrong" poke <<<'function scene.update() if scene.bad then error("update went wrong") end scene.bad = true end'
streams 30 "update raises" true
breaks "an error in event" "event went wrong" send <<<'function scene.event(name, data) error(name .. data.a .. " event went wrong") end'
breaks "an error in watchers" "watchers went wrong" streams 20 "watchers raises" true \
	<<<'function scene.watchers() error("watchers went wrong") end'
good 'function scene.save() error("save went wrong") end' | publish "$scene/scene.lua"
await 10 status_is last_error null
sleep 0.3
good | publish "$scene/scene.lua"
await 10 grep -q "save went wrong" "$container/log/Lunette.jsonl" &&
	ok "an error in save is logged" || not_ok "an error in save is logged"
streams 30 "save raised: the new version is on air" true
breaks "an error in draw" "draw went wrong" poke <<<'local good
function scene.update() if scene.n then scene.draw = function() error("draw went wrong") end end scene.n = true end'
errors=$(status errors)
streams 45 "draw raises each time" true
is "$(status errors)" "$errors" "an error is counted once"

endless() { # NAME BODY
	stamped "cr:set_source('#808080') cr:paint() if go then $2 end" \
		'local go function scene.event() go = true end' | publish "$scene/scene.lua"
	await 10 status_is last_error null
	sleep 0.3
	streams 60 "$1" send
	is "$(status state)" "\"$3\"" "$1: the scene is $3"
	status last_error >"$work/out"
	says out "$4" "$1: it is told why"
	is "$(ask picture "$socket" | cut -d' ' -f2)" 126 "$1: its last picture stays"
}
endless "an endless loop in draw" "while true do end" stopped "250 ms"
endless "a loop that catches its own end" "while true do pcall(function() while true do end end) end" stopped "250 ms"
endless "a gigabyte of string" "local s = ('x'):rep(1 << 30)" idle memory

# -- files that are not what they say
timeout 20 ffmpeg -v error -f lavfi -i testsrc2=size=640x480 -frames:v 1 "$work/whole.png" </dev/null
head -c 3000 "$work/whole.png" >"$scene/short.png"
# Only a header: 60000 x 60000, RGBA.
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\352\140\0\0\352\140\010\006\0\0\0\310\001\174\263' >"$scene/huge.png"
echo 'not a video' >"$scene/text.mp4"
cat >"$scene/scene.lua.new~" <<'LUA'
local function try(what, name, ...)
  local got, message = what(name, ...)
  print(name, got, message)
  return got == nil and type(message) == "string" and #message > 10 and message:find(name, 1, true)
end
local all = try(image.load, "short.png") and try(image.load, "huge.png") and
  try(image.load, "none.png") and try(image.load, "text.mp4") and
  try(video.open, "text.mp4") and try(video.open, "none.mp4") and try(image.load, "/etc/passwd")
return { draw = function(cr)
  for bit = 0, 15 do
    cr:rectangle(bit * 60, 0, 60, 60)
    cr:set_source(all and "#fff" or "#000")
    cr:fill()
  end
end }
LUA
mv "$scene/scene.lua.new~" "$scene/scene.lua"
await 10 sh -c "python3 '$here/camera_client.py' picture '$socket' | grep -q '^65535 '" &&
	ok "broken images and videos are nil and a message" || { lost; not_ok "broken images and videos are nil and a message"; }

stop_camera
is "$code" 0 "SIGTERM exits 0"

# -- lunette run is killed
good >"$scene/scene.lua"
start_camera "$scene" --output pipewire
camera=$(camera_pid) renderer=$(renderer_pid)
kill -KILL "$started"
wait "$started" 2>/dev/null
started=
await 10 is_gone "$camera" && await 10 is_gone "$renderer" &&
	ok "when lunette run is killed, camera and renderer end" ||
	not_ok "when lunette run is killed, camera and renderer end"
start_camera "$scene" --output pipewire
ok "and another one starts in the container they left"
camera=$(camera_pid) renderer=$(renderer_pid)
kill -KILL "$camera"
await 10 is_gone "$renderer" && ok "when the camera is killed, its renderer ends" ||
	not_ok "when the camera is killed, its renderer ends"
await 10 status_is state '"idle"' && ok "and the camera is started again" || not_ok "and the camera is started again"
stop_camera

# -- nobody watches: nobody works
start_camera "$scene" --output pipewire
used() { awk '{ sum += $14 + $15 } END { print sum }' "/proc/$started/stat" "/proc/$(camera_pid)/stat" "/proc/$(renderer_pid)/stat"; }
sleep 1
before=$(used)
sleep 3
ticks=$(($(used) - before))
echo "# three seconds that nobody watches: $((ticks * 10)) ms of CPU"
[ $ticks -le 6 ] && ok "what nobody watches costs nothing" || not_ok "what nobody watches costs nothing"
stop_camera

# -- no PipeWire session
export PIPEWIRE_REMOTE=nowhere
start_camera "$scene"
lost
says out "PipeWire" "without a PipeWire session, run says so"
is "$(ask picture "$socket" | cut -d' ' -f2)" 126 "and the live picture is there for Studio"
stop_camera
exits 3 "a PipeWire output that was asked for is missed" run --no-studio --output pipewire "$scene"
unset PIPEWIRE_REMOTE

# -- a port in use
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 -c "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', $port)); s.listen(); print('up', flush=True); time.sleep(60)" >"$work/port" &
holder=$!
await 10 grep -q up "$work/port" || not_ok "a port is taken"
exits 1 "a port in use is refused" run --output none --port "$port" "$scene"
says err "--port" "and the cure is named"
kill $holder
wait $holder 2>/dev/null
exit $failed
