#!/bin/sh
# A camera on air with nobody's help: what the short commands do to the real one, hot reload, errors,
# a killed camera. Draws for nobody (--output none); snapshots look.
. "$(dirname "$0")/../harness/cli.sh"
need_python
mkdir -p "$LUNETTE_CONTAINER/scenes/fill" "$LUNETTE_CONTAINER/scenes/other"
fill=$LUNETTE_CONTAINER/scenes/fill/scene.lua

cat >"$fill" <<'LUA'
local scene = { params = { param.color("colour", "#ff0000"), param.bool("clock", true) } }
function scene.draw(cr) cr:set_source(params.colour) cr:paint() end
return scene
LUA
cat >"$LUNETTE_CONTAINER/scenes/other/scene.lua" <<'LUA'
return { draw = function(cr) cr:set_source_rgb(1, 1, 1) cr:paint() end }
LUA

# shows R G B: the first pixel of the picture on air, each within 4 (4:2:0, limited range)
shows() {
	"$lunette" snapshot -o "$work/s.png" && python3 - "$work/s.png" "$@" <<'PY'
import struct, sys, zlib
data, at, packed = open(sys.argv[1], "rb").read(), 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    if kind == b"IHDR":
        assert data[at + 16:at + 18] == b"\x08\x02", "8-bit RGB"
    if kind == b"IDAT":
        packed += data[at + 8:at + 8 + size]
    at += size + 12
pixel = zlib.decompress(packed)[1:4]  # whatever the filter, the first pixel stands for itself
print(*pixel)
sys.exit(any(abs(a - int(b)) > 4 for a, b in zip(pixel, sys.argv[2:])))
PY
}
status_is() { "$lunette" status --json >"$work/status" && [ "$(json status "$1")" = "$2" ]; }

start fill --output none --no-studio --size 64x36
waits grep -q "Ctrl-C" "$work/run.out" || not_ok "the camera is up"
cp "$work/run.out" "$work/out"
says out "$fill" "the file to edit is named"
waits shows 255 0 0 || not_ok "a snapshot shows the scene"
run status --json
is "$(json out '(v["camera"], v["scene"], v["state"], v["last_error"])')" \
	"('Lunette', 'fill', 'live', None)" "status tells what is on air"
is "$(json out '[k for k in ("watchers format fps frames late dropped repeated reloads errors "
"script_ms memory_bytes uptime_s").split() if k not in v]')" "[]" "with every documented key"
exits 0 "status is for people too" status
exits 1 "a second camera is refused" run --no-studio --output none

exits 0 "set exits 0" set colour=#0000ff
waits shows 0 0 255 || not_ok "and its value is on air"
exits 2 "a wrong type is wrong usage" set clock=maybe
says err clock "and is named"
shows 0 0 255 >"$work/out" || not_ok "which changes nothing on air"

exits 0 "use exits 0 with the scene on air" use other
waits shows 255 255 255 || not_ok "which a snapshot shows"
run scenes --json
is "$(json out '[s["name"] for s in v["scenes"] if s["active"] and s["on_air"]]')" "['other']" \
	"and scenes marks"
exits 0 "use goes back" use fill
waits shows 0 0 255 || not_ok "to the value that was set"

printf 'return { draw = function(cr) cr:set_source_rgb(0, 1, 0) cr:paint() end }\n' >"$work/green"
cp "$work/green" "$fill"
waits shows 0 255 0 || not_ok "a saved file is on air"
waits grep -q "reloaded: fill" "$work/run.err" || not_ok "which run tells"
is "$(grep -c "reloaded: fill" "$work/run.err")" 1 "once"
is "$(grep -c "on air: fill" "$work/run.err")" 1 "and no other scene took the air"
printf 'return {\n  draw = function(cr) cr:paint() end\n' >"$fill"
waits grep -q "$fill:" "$work/run.err" || not_ok "a syntax error is told where run was started"
waits status_is 'v["last_error"]["path"]' "$fill" || not_ok "and in the status"
shows 0 255 0 >"$work/out" || not_ok "while the last good picture stays on air"
exits 1 "use of a broken scene is a failure" use fill
says err "$fill:" "with its place"
printf 'local n = 0\nreturn { draw = function(cr)\n  cr:paint()\n  error("on purpose")\nend }\n' >"$fill"
waits grep -q "$fill:4: on purpose" "$work/run.err" || not_ok "an error in draw is told with its line"
cp "$work/green" "$fill"
waits grep -q "draws without an error again" "$work/run.err" || not_ok "a mended scene is told"

exits 0 "pause exits 0" pause
waits status_is 'v["state"]' paused || not_ok "and the state is paused"
exits 0 "resume exits 0" resume
waits shows 0 255 0 || not_ok "and the scene is back"
exits 0 "send exits 0" send goal '{"home": 1}'
exits 0 "logs exits 0" logs
says out "$fill:4: on purpose" "logs shows errors with their place"

camera=$(cd /proc && grep -l "^PPid:[[:space:]]*$started\$" [0-9]*/status 2>"$work/grep" | head -n 1)
kill -KILL "${camera%/status}"
waits grep -q "it is back" "$work/run.err" || not_ok "a killed camera is started again"
waits shows 0 255 0 || not_ok "with the same scene"
stop TERM
is $code 0 "SIGTERM ends it with exit code 0"
waits sh -c "! [ -e /proc/${camera%/status} ]" || not_ok "the first camera is gone"
exits 1 "and no camera runs any more" status

# A scene that was chosen before may be broken at the start and mended on air.
cat >"$fill" <<'LUA'
return { draw = 5 }
LUA
start --output none --no-studio --size 64x36
waits grep -q "$fill:" "$work/run.err" || not_ok "a broken active scene is told at the start"
cp "$work/green" "$fill"
waits shows 0 255 0 || not_ok "and is on air once it is mended"
stop INT
is $code 0 "Ctrl-C ends it with exit code 0"
printf 'return {\n' >"$fill"
exits 1 "a broken scene that is named is a failure" run fill --output none --no-studio
says err "$fill:" "with its place"
exit $failed
