#!/bin/sh
# render, check and bench, with the real renderer: what comes out, what is said when a scene fails,
# and that nothing is left behind.
. "$(dirname "$0")/../harness/cli.sh"
need_python

scene() { cat >"$work/$1.lua"; }
bytes() { od -An -tu1 -v "$@" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//'; }

scene red <<'LUA'
return { draw = function(cr) cr:set_source_rgb(1, 0, 0) cr:paint() end }
LUA
scene grey <<'LUA'
return { draw = function(cr, frame)
  local v = (frame.number * 10 % 256) / 255
  cr:set_source_rgb(v, v, v) cr:paint()
end }
LUA
scene params <<'LUA'
local scene = { params = { param.text("name", "x"), param.bool("clock", true) } }
function scene.draw(cr) error("name is " .. params.name .. ", clock is " .. tostring(params.clock)) end
return scene
LUA
scene late <<'LUA'
local function fail(n)
  error("failed at " .. n)
end
return { draw = function(cr, frame)
  cr:paint()
  if frame.number == 3 then fail(frame.number) end
end }
LUA
scene syntax <<'LUA'
return {
  draw = function(cr)
LUA
scene clock <<'LUA'
return { draw = function(cr, frame)
  if frame.number == 2 then error("now is " .. math.floor(clock.now())) end
end }
LUA
scene luck <<'LUA'
return { draw = function(cr)
  cr:set_source_rgb(math.random(), math.random(), math.random()) cr:paint()
end }
LUA
scene wish <<'LUA'
return { output = { width = 96, height = 54, fps = 25, matrix = "bt709" },
  draw = function(cr) cr:set_source_rgb(1, 0, 0) cr:paint() end }
LUA
scene forever <<'LUA'
return { draw = function(cr) while true do end end }
LUA

# The conversion may be one code off (runtime/frame). Red in ITU-R BT.601-7, limited: Y 81, Cb 90, Cr 240; in BT.709-6: Y 63, Cb 102, Cr 240.
exits 0 "raw NV12 is rendered" render "$work/red.lua" -o "$work/r.nv12" --frames 2 --size 64x36
is "$(wc -c <"$work/r.nv12")" $((64 * 36 * 3)) "two frames without padding"
near "$(bytes -N1 "$work/r.nv12") $(bytes -j$((64 * 36)) -N2 "$work/r.nv12")" "81 90 240" \
	"red is red in BT.601"
run render "$work/red.lua" -o "$work/r709.nv12" --frames 1 --size 64x36 --matrix bt709
near "$(bytes -N1 "$work/r709.nv12") $(bytes -j$((64 * 36)) -N2 "$work/r709.nv12")" "63 102 240" \
	"and in BT.709"
run render "$work/red.lua" -o "$work/r.bgra" --frames 1 --size 64x36
is "$(bytes -N4 "$work/r.bgra")" "0 0 255 255" "and in BGRA"
exits 0 "with --pixel-format standard output gets the frames alone" \
	render "$work/red.lua" -o - --frames 3 --size 64x36 --pixel-format i420
is "$(wc -c <"$work/out")" $((3 * 64 * 36 * 3 / 2)) "without a header"
mkdir -p "$LUNETTE_CONTAINER/scenes/fed" "$LUNETTE_CONTAINER/feeds/fed"
cat >"$LUNETTE_CONTAINER/scenes/fed/scene.lua" <<'LUA'
local goal = feed.json("goal", "goal.json")
return { draw = function(cr) print("goal is", goal.value, "aged", goal.age) end }
LUA
echo 7 >"$LUNETTE_CONTAINER/feeds/fed/goal.json"
echo 5 >"$LUNETTE_CONTAINER/scenes/fed/goal.json"
echo 8 >"$work/goal.json"
exits 0 "a scene of the container draws" render fed -o null: --frames 1 --size 64x36
says err "goal is	7" "with the feeds that lie there, as fresh as the clock"
cp "$work/err" "$work/kept"
exits 0 "and draws the same again" render fed -o null: --frames 1 --size 64x36
is "$(cat "$work/err")" "$(cat "$work/kept")" "whatever the age of their files"
exits 0 "a feed on the command line is taken" \
	render fed -o null: --frames 1 --size 64x36 --feed "goal=$work/goal.json"
says err "goal is	8" "before the container's"
exits 1 "a scene that is not there is a failure" render nothing -o null: --json
is "$(json out '(v["ok"], v["error"]["code"])')" "(False, 'not_found')" "as an object too"
exits 0 "Y4M goes to standard output" render "$work/red.lua" -o - --frames 3 --size 64x36 --fps 29.97
is "$(head -n 1 "$work/out" | cut -d' ' -f1-4)" "YUV4MPEG2 W64 H36 F30000:1001" "with its header"
is "$(wc -c <"$work/out")" $(($(head -n 1 "$work/out" | wc -c) + 3 * (6 + 64 * 36 * 3 / 2))) \
	"and three frames"
exits 0 "a PNG is one frame" render "$work/red.lua" -o "$work/r.png" --size 64x36
is "$(od -An -tu1 -j16 -N8 "$work/r.png" | tr -s ' ')" " 0 0 0 64 0 0 0 36" "of the size asked for"
exits 0 "a pattern makes a sequence" \
	render "$work/grey.lua" -o "$work/g%03d.png" --frames 3 --from 2 --size 64x36
is "$(cd "$work" && echo g*.png)" "g002.png g003.png g004.png" "named by frame number"

run render "$work/grey.lua" -o "$work/all.bgra" --frames 8 --size 64x36
run render "$work/grey.lua" -o "$work/end.bgra" --frames 3 --from 5 --size 64x36
is "$(tail -c $((64 * 36 * 4 * 3)) "$work/all.bgra" | cksum)" "$(cksum <"$work/end.bgra")" \
	"--from gives the frames it would have given"
is "$(bytes -N1 "$work/end.bgra")" 50 "which are not the first ones"
run render "$work/grey.lua" -o "$work/full.bgra" --frames 8 --size 64x36 --full-redraw
is "$(cksum <"$work/full.bgra")" "$(cksum <"$work/all.bgra")" "--full-redraw changes no byte"
run render "$work/grey.lua" -o hash: --seconds 0.5 --fps 10 --size 64x36
is "$(wc -l <"$work/out")" 5 "--seconds counts in frames"
run render "$work/luck.lua" -o hash: --frames 3 --size 64x36
cp "$work/out" "$work/luck"
run render "$work/luck.lua" -o hash: --frames 3 --size 64x36
is "$(cat "$work/out")" "$(cat "$work/luck")" "the same seed gives the same frames"
run render "$work/luck.lua" -o hash: --frames 3 --size 64x36 --seed 1
if cmp -s "$work/out" "$work/luck"; then not_ok "another seed gives others"; else ok "another seed gives others"; fi

exits 0 "a scene may wish for a format" render "$work/wish.lua" -o "$work/w.nv12" --frames 1 --json
is "$(json out '(v["width"], v["height"], v["fps"], v["matrix"], v["frames"])')" \
	"(96, 54, 25.0, 'bt709', 1)" "and gets it"
near "$(bytes -N1 "$work/w.nv12")" 63 "in its frames too"
run render "$work/wish.lua" -o null: --frames 1 --json --size 64x36 --matrix bt601
is "$(json out '(v["width"], v["height"], v["fps"], v["matrix"])')" "(64, 36, 25.0, 'bt601')" \
	"the command line wins over it"

exits 1 "an error in frame 3 is a failure" render "$work/late.lua" -o "$work/l.y4m" --frames 9
says err "late.lua:2: failed at 3" "with path, line and message"
says err "stack traceback:" "and a traceback"
says err "	late.lua:6: in " "of the callers"
is "$(find "$work" -name 'l.*' -o -name '*.part')" "" "and no output is left"
exits 1 "a syntax error is a failure" render "$work/syntax.lua" -o "$work/l.y4m" --frames 9
says err "syntax.lua:" "with its place"
exits 1 "a parameter reaches the scene" \
	render "$work/params.lua" -o null: --param name=Ada --param clock=false
says err "name is Ada, clock is false" "with its value"
exits 2 "a parameter of the wrong type is wrong usage" \
	render "$work/params.lua" -o null: --param clock=maybe
says err clock "and is named"
exits 2 "a parameter that the scene has not is wrong usage" \
	render "$work/params.lua" -o null: --param nothing=1
exits 1 "--date sets the clock" \
	render "$work/clock.lua" -o null: --frames 3 --fps 1 --date 2026-01-01T00:00:00Z
# date -u -d 2026-01-01T00:00:02Z +%s
says err "now is 1767225602" "which goes on with the frames"
exits 1 "a scene that never ends is a failure" render "$work/forever.lua" -o "$work/l.y4m" --frames 2
is "$(find "$work" -name 'l.*' -o -name '*.part')" "" "and no output is left"

mkdir "$work/long"
"$lunette" render "$work/grey.lua" -o "$work/long/x.nv12" --frames 1000000 --size 64x36 \
	>"$work/out" 2>"$work/err" &
started=$!
waits sh -c "[ -n \"\$(ls -A '$work/long')\" ]" || not_ok "a long render begins"
stop INT
is $code 130 "Ctrl-C ends it with exit code 130"
is "$(ls -A "$work/long")" "" "and nothing is left"

{ "$lunette" render "$work/red.lua" -o - --frames 10000 --size 640x360 2>"$work/err"; echo $? >"$work/code"; } |
	head -c 100 >"$work/out"
is "$(cat "$work/code")" 1 "a reader that leaves ends it with exit code 1"
is "$(cat "$work/err")" "" "without a word"

exits 0 "check of a good scene exits 0" check "$work/red.lua" --frames 5 --size 64x36 --json
is "$(json out '(v["ok"], v["errors"], v["frames"])')" "(True, [], 5)" "and says so"
exits 1 "check of a broken scene exits 1" check "$work/late.lua" --frames 9 --size 64x36 --json
is "$(json out '(v["ok"], len(v["errors"]), v["errors"][0]["line"], v["frames"])')" \
	"(False, 1, 2, 9)" "with the error, and goes on behind it"
exits 1 "check of a syntax error exits 1" check "$work/syntax.lua"
says err "syntax.lua:" "with its place"
exits 0 "bench exits 0" bench "$work/grey.lua" --frames 10 --size 64x36 --json
is "$(json out 'sorted(v) + sorted(v["stages"])')" "['cpu_ms', 'frames', 'height', \
'redrawn_fraction', 'stages', 'wall_ms', 'width', 'compare', 'convert', 'raster', 'record', \
'script']" "bench --json has the documented keys"
is "$(json out '(v["frames"], v["width"], v["redrawn_fraction"], v["wall_ms"] > 0)')" \
	"(10, 64, 1.0, True)" "and counts what changed"
exit $failed
