#!/bin/sh
# Every stock scene draws at every size a watcher may ask for, and moves on from frame to frame
# without an error. Usage: scenes.sh FOLDER_OF_PROGRAMS
set -eu
programs=$1
scenes=$(cd -- "$(dirname -- "$0")/../../scripts/scenes" && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export LUNETTE_CONTAINER="$folder/container"

status=0
draws() { # scene, frames, options...
	scene=$1
	frames=$2
	shift 2
	if ! timeout 60 "$programs/lunette" render "$scenes/$scene" -o hash: --frames "$frames" "$@" \
		>"$folder/out" 2>"$folder/err"; then
		echo "$scene $*: failed"
		sed 's/^/  /' "$folder/err"
		status=1
	elif [ "$(wc -l <"$folder/out")" -ne "$frames" ]; then
		echo "$scene $*: wanted $frames frames, got"
		sed 's/^/  /' "$folder/out"
		status=1
	elif [ -s "$folder/err" ]; then
		echo "$scene $*: draws, but complains"
		sed 's/^/  /' "$folder/err"
		status=1
	fi
}

for folder_of_scene in "$scenes"/*/; do
	scene=$(basename "$folder_of_scene")
	[ -s "$folder_of_scene/README.md" ] || { echo "$scene has no README.md"; status=1; }
	draws "$scene" 3 --size 1920x1080
	draws "$scene" 2 --size 640x360
	draws "$scene" 2 --size 360x640 --pixel-format yuy2
	draws "$scene" 2 --size 1279x719 --pixel-format i420 --fps 59.94
done

# What people put into forms.
long='Maximiliane Freifrau von und zu Hohenstein-Wetterau, née Ü'
draws lower-third 1 --param "name=$long" --param "title=$long" --param style=light --param side=right
draws lower-third 1 --param name= --param title= --param clock=false --param show_logo=false
draws lower-third 1 --param zone=America/New_York --param show=false
draws lower-third 1 --param side=center --param logo=
draws bars 1 --param 'level=100 %' --param label= --param motion=false
draws hello 1 --param 'greeting=שלום 👋'

# The welcome screen hangs there for months: at any hour, with whatever its feed says.
for hour in 00 05 09 12 17 21 23; do
	draws welcome 1 --date "2026-05-12T$hour:59:00Z"
done
feed_is() {
	printf '%s' "$1" >"$folder/agenda.json"
	draws welcome 1 --feed "agenda=$folder/agenda.json" --date 2026-05-12T09:41:00Z
}
feed_is '{}'
feed_is '[]'
feed_is 'null'
feed_is '"closed"'
feed_is '{"title":7,"message":{},"agenda":"none"}'
feed_is '{"agenda":[7,"x",null,[],{},{"from":"25:99","title":"odd"},{"from":9,"title":"odd"},
	{"from":"09:00","to":"08:00","title":"backwards"},{"from":"9:00","title":"short"}]}'
exit $status
