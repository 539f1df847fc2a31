#!/bin/bash
# reload.sh BIN [SECONDS [TRIES]]: ten hot reloads a second for so long (60 s) while somebody
# watches: no frame late, repeated or dropped, every save on air, no growth. 77 when this machine is
# too busy to tell: then frames are late without any reload, too.
here=$(cd "$(dirname "$0")/../e2e" && pwd)
bin=$1 seconds=${2:-60} tries=${3:-1}
work=$(mktemp -d)
camera=
clean_up() {
	[ -z "$camera" ] || { kill "$camera" && wait "$camera"; } 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
export LUNETTE_CONTAINER=$work/container
socket=$LUNETTE_CONTAINER/run/lunette.sock

children() { cat "/proc/$1/task/$1/children"; }
value() { awk -v name="$1" '$1 == name { print $2; exit }' "$work/storm"; }

# storm RATE: so many saves a second
storm() {
	timeout $((seconds + 60)) python3 "$here/camera_client.py" storm "$socket" \
		"$work/scene/scene.lua" "$seconds" "$1" "$renderer" "$supervisor" >"$work/storm" || return 1
	tr '\n' ' ' <"$work/storm"
	echo
	# A new heap settles in the first seconds; what grows does so for as long as it runs.
	awk -v limit=8192 '$1 == "grown_kib" && $2 > limit { exit 1 }
		$1 == "grown_files" && $2 > 0 { exit 1 }
		$1 == "errors" && $2 > 0 { exit 1 }' "$work/storm"
}
is_on_time() {
	local name
	for name in late repeated dropped; do
		[ "$(value $name)" = 0 ] || return 1
	done
}
fail() {
	echo "$1"
	tail -n 20 "$work/err"
	exit 1
}

mkdir "$work/scene"
echo 'return { draw = function(cr) cr:paint() end }' >"$work/scene/scene.lua"
"$bin/lunette" run --no-studio --output none "$work/scene/scene.lua" >"$work/out" 2>"$work/err" </dev/null &
camera=$!
for _ in $(seq 300); do
	grep -q "Ctrl-C" "$work/out" && break
	sleep 0.1
done
supervisor=$(children $camera | awk '{ print $1 }')
renderer=$(children "$supervisor" | awk '{ print $1 }')
busy=0
for _ in $(seq "$tries"); do
	storm 10 || fail "a save was lost, or something grew"
	is_on_time && exit 0
	echo "without reloads:"
	storm 0.001 || fail "something grew"
	is_on_time || busy=$((busy + 1))
done
[ $busy -gt 0 ] || fail "reloads cost frames"
echo "skipped: this machine is too busy to tell"
exit 77
