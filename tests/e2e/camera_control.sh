#!/bin/bash
# The short commands while a client streams: values on air at once and for good, scenes, pause,
# snapshots.
# labels: release
# $1: the folder of the built programs.
. "$(dirname "$0")/../harness/camera.sh"

# level: the upper 4 bits of the number that frames bear; the lower 12 are the frame's.
leveled() { # COLOUR [HEAD]
	cat <<-LUA
		local scene = {}
		scene.params = { param.integer("level", 1, { min = 0, max = 15 }), param.text("name", "x") }
		${2:-}
		function scene.draw(cr, frame)
		  cr:set_source("$1")
		  cr:paint()
		  local number = params.level << 12 | frame.number & 0xfff
		  for bit = 0, 15 do
		    cr:rectangle(bit * 60, 0, 60, 60)
		    cr:set_source(number >> bit & 1 == 1 and "#fff" or "#000")
		    cr:fill()
		  end
		end
		function scene.idle(cr)
		  cr:set_source("#fff")
		  cr:paint()
		end
		return scene
	LUA
}
luma() { ask picture "$socket" | cut -d' ' -f2; }
level() { echo $(($(ask picture "$socket" | cut -d' ' -f1) >> 12)); }
luma_is() { [ "$(luma)" = "$1" ]; }
level_is() { [ "$(level)" = "$1" ]; }
scenes=$container/scenes
mkdir -p "$scenes/grey" "$scenes/dark" "$scenes/broken"
leveled "#808080" 'for i = 1, 3e6 do end' >"$scenes/grey/scene.lua"
leveled "#404040" >"$scenes/dark/scene.lua"
echo 'return {' >"$scenes/broken/scene.lua"
echo grey >"$container/active"

start_camera --output pipewire --size 1280x720
start_client NV12 1280 720 100000 || not_ok "a client streams"

before=$(status late,.dropped)
read -r median most <<<"$(ask set_latency "$socket" 20)"
echo "# a value is on air after $median frames, at most $most; late and dropped: $before, then $(status late,.dropped)" | tr '\n' ' '
echo
if ! is_fast || [ "${median:-99}" -le 2 ]; then ok "a new value is on air within two frames"; else
	not_ok "a new value is on air within two frames ($median, at most $most)"
fi
ask set_in_reload "$socket" "$scenes/grey/scene.lua" 12 >"$work/out" 2>"$work/err" &&
	ok "a value that is set during a reload is not lost" ||
	not_ok "a value that is set during a reload is not lost"

exits 0 "set exits 0" set level=7 name="Grace Hopper"
level_is 7 && ok "and the value is on air" || not_ok "and the value is on air"
exits 2 "a value of the wrong type is wrong usage" set level=many
exits 2 "one out of range, too" set level=16
exits 2 "a parameter that is not there is wrong usage" set nothing=1
is "$(jq -c '[.level, .name]' "$container/params/grey.json")" '[7,"Grace Hopper"]' "what was valid is kept"

leveled "#808080" 'error("no")' | publish "$scenes/grey/scene.lua"
await 10 status_is last_error.message '"no"' || not_ok "a broken script is told"
exits 0 "set works while the script is broken" set level=9
level_is 9 && ok "for the one that runs" || not_ok "for the one that runs"
leveled "#808080" | publish "$scenes/grey/scene.lua"
await 10 status_is last_error null
level_is 9 && ok "a value outlives a broken script" || not_ok "a value outlives a broken script"

exits 0 "use exits 0 once the scene is on air" use dark
luma_is 71 && ok "and it is" || not_ok "and it is ($(luma))"
is "$(cat "$container/active")" dark "it is the active one"
level_is 1 && ok "with values of its own" || not_ok "with values of its own"
exits 1 "use of a broken scene is a failure" use broken
says err "$scenes/broken/scene.lua:2:" "with the place of its error"
luma_is 71 && ok "what ran before goes on" || not_ok "what ran before goes on"
is "$(cat "$container/active")" dark "and is still the active one"
is "$(status errors)" 1 "and has no error"
exits 1 "use of a scene that is not there is a failure" use nothing
exits 0 "back to the first" use grey
level_is 9 && ok "which has its values again" || not_ok "which has its values again"

exits 0 "pause exits 0" pause
await 5 luma_is 235 && ok "what is on air is the idle picture" || not_ok "what is on air is the idle picture"
is "$(status state)" '"paused"' "status says so"
exits 0 "resume exits 0" resume
await 5 luma_is 126 && ok "and the scene is back" || not_ok "and the scene is back"
exits 0 "snapshot exits 0" snapshot -o "$work/shot.png"
timeout 20 ffmpeg -v error -i "$work/shot.png" -f rawvideo -pix_fmt rgb24 - </dev/null >"$work/shot.rgb"
is "$(wc -c <"$work/shot.rgb")" $((1280 * 720 * 3)) "it is as large as the picture on air"
near "$(od -An -tu1 -j$(((360 * 1280 + 640) * 3)) -N3 "$work/shot.rgb")" "128 128 128" "and shows it"

kill $client
wait $client 2>/dev/null
stop_camera
start_camera --output pipewire --size 1280x720
level_is 9 && ok "a value outlives a restart" || not_ok "a value outlives a restart"
stop_camera

start_camera --output pipewire --size 1280x720 --param level=3
level_is 3 && ok "--param wins over what was kept" || not_ok "--param wins over what was kept"
exits 0 "set exits 0" set level=4
leveled "#707070" | publish "$scenes/grey/scene.lua"
await 10 status_is reloads 1
level_is 4 && ok "what is set later wins over --param, over a reload, too" ||
	not_ok "what is set later wins over --param, over a reload, too ($(level))"
stop_camera
exit $failed
