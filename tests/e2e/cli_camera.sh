#!/bin/sh
# The short commands, with a camera and without. The camera is a stand-in that speaks the protocol.
. "$(dirname "$0")/../harness/cli.sh"
use_stand_in

exits 1 "status without a camera is a failure" status
is "$(cat "$work/err")" "lunette: status: no camera is running: start one with \`lunette run\`" \
	"and says how to start one"
for words in "set clock=true" "send goal" pause resume "snapshot -o $work/none.png"; do
	# shellcheck disable=SC2086
	exits 1 "$words without a camera is a failure" $words
done
exits 0 "use without a camera chooses for later" use card
says out "no camera is running" "and says so"
is "$(cat "$LUNETTE_CONTAINER/active")" card "the choice is kept"
exits 1 "use of a scene that is not there is a failure" use nothing
exits 0 "scenes without a camera lists the container" scenes --json
is "$(json out '[(s["name"], s["active"], s["on_air"]) for s in v["scenes"]]')" \
	"[('card', True, False), ('lower-third', False, False)]" "with the active one marked"
exits 0 "new makes a scene" new mine
says out "$LUNETTE_CONTAINER/scenes/mine/scene.lua" "and names its file"
exits 1 "new does not overwrite" new mine

start --no-studio
waits grep -q "Ctrl-C" "$work/run.out" || not_ok "the camera is up within 30 s"

exits 0 "status exits 0" status --json
is "$(json out 'sorted(v)')" "['camera', 'dropped', 'errors', 'format', 'fps', 'frames', \
'last_error', 'late', 'memory_bytes', 'reloads', 'repeated', 'scene', 'script_ms', 'state', \
'uptime_s', 'watchers']" "status --json has the documented keys"
exits 0 "status is for people too" status
says out "Lunette" "with the camera's name"
says out "scene.lua:7: boom" "and the last error with its place"
exits 0 "the camera's own name is accepted" status --camera-name Lunette
exits 1 "another name is refused" status --camera-name Other
says err '"Lunette"' "and the running one is named"

exits 0 "set exits 0" set clock=true
exits 2 "a value of the wrong type is wrong usage" set clock=maybe
is "$(cat "$work/err")" "lunette: set: parameter clock wants true or false, got maybe" \
	"in the camera's words"
exits 2 "a parameter that is not there is wrong usage" set nothing=1
says err "no parameter nothing; it has clock" "and those there are are listed"
exits 2 "with --json too" set nothing=1 --json
is "$(json out '(v["ok"], v["error"]["code"])')" "(False, 'invalid')" "as an object"
exits 0 "set without arguments lists the parameters" set
is "$(tail -n 1 "$work/out" | tr -s ' ')" "clock bool true Clock" "with kind, value and label"
exits 0 "as JSON too" set --json
is "$(json out 'v["params"][0]["name"]')" clock "as declared"

exits 0 "scenes exits 0" scenes
says out "* card" "the active scene has a star"
exits 0 "use puts a scene on air" use lower-third
is "$(cat "$LUNETTE_CONTAINER/active")" lower-third "for good"
mkdir "$LUNETTE_CONTAINER/scenes/broken"
cp "$LUNETTE_CONTAINER/scenes/card/scene.lua" "$LUNETTE_CONTAINER/scenes/broken/"
exits 1 "use of a broken scene is a failure" use broken
says err "$LUNETTE_CONTAINER/scenes/broken/scene.lua:3: attempt to call a nil value" \
	"with path, line and message"
says err "stack traceback:" "and traceback"

exits 0 "snapshot exits 0" snapshot -o "$work/s.png"
is "$(head -c 8 "$work/s.png" | od -An -tx1)" " 89 50 4e 47 0d 0a 1a 0a" "and writes a PNG"
# IHDR begins at byte 16: width and height, big-endian.
is "$(od -An -tu1 -j16 -N8 "$work/s.png" | tr -s ' ')" " 0 0 0 64 0 0 0 36" "of the frame's size"
run snapshot -o -
is "$(cksum <"$work/out")" "$(cksum <"$work/s.png")" "- is standard output"
exits 1 "a folder that is not there is a failure" snapshot -o "$work/none/s.png"

exits 0 "pause exits 0" pause
exits 0 "resume exits 0" resume
exits 0 "send exits 0" send fail '{"a":[1]}'
waits grep -q "said" "$work/run.err" || not_ok "the scene's error reaches lunette run"
cp "$work/run.err" "$work/err"
says err "lower-third/scene.lua:12: said {'a': [1]}" "a scene's error is told where run was started"
exits 1 "a camera that goes away in mid-request is a failure" send die
stop TERM
is $code 0 "run exits 0 on SIGTERM"
exit $failed
