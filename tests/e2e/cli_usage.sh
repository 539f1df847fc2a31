#!/bin/sh
# What the command says about itself and about wrong command lines. Needs no camera.
. "$(dirname "$0")/../harness/cli.sh"
echo 'return { draw = function(cr) end }' >"$work/s.lua"

exits 0 "--version exits 0" --version
says out "lunette " "--version names the program"
exits 0 "--help exits 0" --help
for name in run render check bench new scenes use set send pause resume status logs snapshot; do
	says out "  $name " "--help lists $name"
done
for name in run render check bench new scenes use set send pause resume status logs snapshot; do
	exits 0 "help $name exits 0" help "$name"
	cp "$work/out" "$work/help"
	run "$name" --help
	is "$(cat "$work/out")" "$(cat "$work/help")" "$name --help says the same as help $name"
	is "$(awk 'length > 80' "$work/out")" "" "help $name stays within 80 columns"
	exits 2 "$name refuses an option that it has not" "$name" --nonsense
	is "$(wc -l <"$work/err")" 1 "$name does so in one line"
done

exits 2 "no command is wrong usage"
exits 2 "an unknown command is wrong usage" rnder
says err 'did you mean `lunette render`' "the nearest command is suggested"
exits 2 "help for an unknown command is wrong usage" help rnder

exits 2 "render without -o is wrong usage" render "$work/s.lua"
exits 2 "render without a scene is wrong usage" render -o null:
exits 2 "a size of nothing is refused" render "$work/s.lua" -o null: --size 0x10
is "$(cat "$work/err")" 'lunette: render: --size: wants WIDTHxHEIGHT, each from 1 to 8192, got "0x10"' "in these words"
exits 2 "an ending that says nothing is refused" render "$work/s.lua" -o "$work/x.foo"
exits 2 "an odd size for MP4 is refused" render "$work/s.lua" -o "$work/x.mp4" --size 131x71
says err "132x72" "with a size that works"
exits 2 "pixels that a video cannot hold are refused" \
	render "$work/s.lua" -o "$work/x.mkv" --pixel-format bgra
exits 2 "an output that is none is refused" run "$work/s.lua" --no-studio --output foo
says err 'there is no output "foo", only ' "and those there are are named"
exits 2 "a snapshot that is no PNG is refused" snapshot -o "$work/x.jpg"
says err "name it $work/x.png" "and the right name is told"
exits 2 "two lengths are refused" render "$work/s.lua" -o null: --frames 2 --seconds 1
exits 2 "many frames in one PNG are refused" render "$work/s.lua" -o "$work/x.png" --frames 2
exits 2 "a sequence with two numbers is refused" render "$work/s.lua" -o "$work/%d%d.png"
exits 2 "an ending and another pixel format are refused" \
	render "$work/s.lua" -o "$work/x.nv12" --pixel-format i420
exits 2 "--json beside frames on standard output is refused" render "$work/s.lua" -o - --json
exits 2 "a day that does not exist is refused" \
	render "$work/s.lua" -o null: --date 2026-02-29T00:00:00Z
exits 2 "a parameter without a value is refused" render "$work/s.lua" -o null: --param name
exits 2 "set wants NAME=VALUE" set name
exits 2 "send wants JSON" send goal '{'
exits 2 "new wants a plain name" new ../outside

exits 1 "a scene that is not there is a failure" render "$work/none.lua" -o null:
exits 1 "a camera file that is not there is a failure" \
	render "$work/s.lua" -o null: --camera "$work/none.mp4"
says err "$work/none.mp4" "and is named"
exits 1 "a feed file that is not there is a failure" \
	render "$work/s.lua" -o null: --feed "a=$work/none.json"
printf '{\n"a": 1,\n"b" 2}' >"$work/feed.json"
exits 1 "a feed file that is no JSON is a failure" \
	render "$work/s.lua" -o null: --feed "a=$work/feed.json"
says err "line 3" "and its line is named"

"$lunette" --help >/dev/full 2>"$work/err"
is $? 1 "a full disk behind standard output is a failure"
exit $failed
