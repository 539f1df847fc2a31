#!/bin/bash
# Hot reload on air: every way of saving is one reload, state crosses it, what fails does not take
# the air, and no frame is late or missing for it.
# labels: release
# $1: the folder of the built programs.
. "$(dirname "$0")/../harness/camera.sh"

scene=$work/mine
mkdir "$scene"

# A scene that counts its loads and shows the count as its number.
counting() {
	cat <<-LUA
		local scene, loads = {}, 0
		function scene.save() return { loads = loads, list = { 1, "two", { true } } } end
		function scene.load(saved)
		  if saved then assert(saved.list[2] == "two" and saved.list[3][1]) end
		  loads = (saved and saved.loads or 0) + 1
		end
		function scene.draw(cr, frame)
		  cr:set_source("${1:-#808080}")
		  cr:paint()
		  for bit = 0, 15 do
		    cr:rectangle(bit * 60, 0, 60, 60)
		    cr:set_source((loads) >> bit & 1 == 1 and "#fff" or "#000")
		    cr:fill()
		  end
		  cr:rectangle(frame.number % 100, 1000, 10, 10)
		  cr:fill()
		end
		return scene
	LUA
}
shows() { [ "$(ask picture "$socket" | cut -d' ' -f1)" = "$1" ]; }
# reloads_once COUNT SENTENCE: it shows COUNT loads, and nothing more follows
reloads_once() {
	if await 10 shows "$1" && await 5 status_is reloads $(($1 - 1)) && ! await 1 shows $(($1 + 1)); then
		ok "$2"
	else
		not_ok "$2 (it shows $(ask picture "$socket"), $(status reloads) reloads)"
	fi
}

counting >"$scene/scene.lua"
start_camera "$scene" --output pipewire --size 1280x720
shows 1 || not_ok "the scene is on air"

counting "#909090" | publish "$scene/scene.lua"
reloads_once 2 "a save by rename is one reload, and state crosses it"
counting "#808080" >"$scene/scene.lua"
reloads_once 3 "a save by truncation is one reload"
counting "#909090" >"$scene/.scene.lua.swp"
mv "$scene/scene.lua" "$scene/scene.lua~"
counting "#909090" >"$scene/scene.lua"
rm "$scene/scene.lua~" "$scene/.scene.lua.swp"
reloads_once 4 "a save with swap and backup files is one reload"
mkdir -p "$scene/parts/deep"
echo 'return 1' >"$scene/parts/deep/one.lua"
reloads_once 5 "a new file in a nested folder is one"

commit() { git -C "$scene" -c user.name=test -c user.email=test@example.com commit -qam "$1"; }
git -C "$scene" init -q
for n in $(seq 30); do echo "return $n" >"$scene/parts/m$n.lua"; done
git -C "$scene" add . && commit one
git -C "$scene" checkout -qb other
for n in $(seq 30); do echo "return $n * 2" >"$scene/parts/m$n.lua"; done
counting "#a0a0a0" >"$scene/scene.lua"
commit two
# However many reloads those loops made: the count begins anew.
stop_camera
start_camera "$scene" --output pipewire --size 1280x720
shows 1 || not_ok "the scene is on air again"
git -C "$scene" checkout -q - || not_ok "a checkout"
reloads_once 2 "a checkout of 31 files is one reload"

# What fails does not take the air.
(exec python3 "$here/camera_client.py" listen "$socket") >"$work/events" &
listener=$!
await 10 grep -q listening "$work/events" || not_ok "a client hears events"
log=$container/log/Lunette.jsonl
told() { grep -c '"event": "error"' "$work/events"; }
logged() { grep -c '"error":' "$log"; }

# fails SENTENCE LINE MESSAGE: what is on standard input is saved and stays off the air
fails() {
	local before before_log first
	before=$(told) before_log=$(logged)
	publish "$scene/scene.lua"
	if ! await 10 sh -c "[ \$(grep -c '\"event\": \"error\"' '$work/events') -gt $before ]"; then
		not_ok "$1: its error is told"
		return
	fi
	status last_error >"$work/out"
	is "$(jq -r .path "$work/out"):$(jq .line "$work/out")" "$scene/scene.lua:$2" \
		"$1: the error has its place"
	says out "$3" "$1: and its message"
	if shows 2; then ok "$1: what ran before goes on"; else not_ok "$1: what ran before goes on"; fi
	is "$(told) $(logged)" "$((before + 1)) $((before_log + 1))" "$1: the error is told and logged once"
}
fails "a syntax error" 2 "near" <<<'local scene = {}
function function'
fails "an error in the chunk" 1 "chunky" <<<'error("chunky")'
fails "an error in load" 2 "loaded badly" <<<'return {
  load = function() error("loaded badly") end, draw = function() end }'
status last_error >"$work/out"
says out '"traceback":"[C]: in' "with a traceback"
fails "an error in the first draw" 1 "drawn badly" <<<'return { draw = function() error("drawn badly") end }'
fails "a scene without draw" 1 "draw" <<<'return {}'
fails "a scene that is no table" 1 "table" <<<'return 1'
fails "an endless load" 1 "" <<<'while true do end'
counting "#707070" | publish "$scene/scene.lua"
reloads_once 3 "a mended file takes the air, with the state of the one that ran"
is "$(status last_error)" null "and clears the error"
is "$(grep -c '"event": "ok"' "$work/events")" 1 "which is told once"
rm "$scene/scene.lua"
await 10 sh -c "[ '$(status last_error)' != null ]"
if shows 3; then ok "a scene that was deleted stays on air"; else not_ok "a scene that was deleted stays on air"; fi
counting "#606060" >"$scene/scene.lua"
reloads_once 4 "and comes back with its file"
kill $listener
wait $listener 2>/dev/null

# How long it takes.
read -r p50 max <<<"$(ask latency "$socket" "$scene/scene.lua" 30)"
echo "# save to the first new frame at a client: p50 $p50 ms, max $max ms"
if [ "${max:-9999}" -lt 2000 ]; then ok "a save is on air soon"; else not_ok "a save is on air soon"; fi
stop_camera

# A minute of this is tests/soak/reload.sh.
if is_fast; then
	"$here/../soak/reload.sh" "$1" 5 3 >"$work/out" 2>&1
	case $? in
	0) ok "ten reloads a second cost no frame, no memory, no descriptor" ;;
	77) ok "ten reloads a second cost no memory, no descriptor # frames: too busy to tell" ;;
	*) not_ok "ten reloads a second cost no frame, no memory, no descriptor" ;;
	esac
	head -n 30 "$work/out" | sed 's/^/# /'
fi
exit $failed
