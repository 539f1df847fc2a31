#!/bin/sh
# A stock scene at frame 30 looks as in tests/golden/ref, and two processes draw the same frames.
# LUN_GOLDEN_UPDATE=1 writes the reference anew: open it and look before you commit it.
# Usage: golden.sh FOLDER_OF_PROGRAMS FOLDER_OF_TESTS SCENE_FOLDER
set -eu
programs=$1
tests=$2
scene=$3
name=$(basename "$scene")
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
reference="$here/ref/$name.png"
out="$tests/golden"
mkdir -p "$out"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FONTCONFIG_FILE="$here/../fonts/fonts.conf" LUNETTE_CONTAINER="$folder/container"
for family in Inter 'DejaVu Sans'; do
	if ! fc-list "$family" | grep -q .; then
		echo "needs the font $family (fonts-inter, fonts-dejavu-core)"
		exit 77
	fi
done
render() { # options...
	timeout 100 "$programs/lunette" render "$scene" --size 1280x720 "$@"
}

render -o "$out/$name.png" --from 30 --frames 1
if [ "${LUN_GOLDEN_UPDATE:-}" = 1 ]; then
	cp "$out/$name.png" "$reference"
	echo "wrote $reference: now look at it"
fi
rm -f "$out/$name.diff.png" "$out/$name.html"
status=0
"$tests/golden-compare" "$reference" "$out/$name.png" "$out/$name.diff.png" || status=1
if [ $status -ne 0 ]; then
	for picture in "$reference" "$name.png" "$name.diff.png"; do
		printf '<img src="%s" alt="%s" width="32%%">\n' "$picture" "$picture"
	done >"$out/$name.html"
	echo "look at $out/$name.html"
fi

# Numbers and hashes of frames: in another process, another place and time zone, and drawn whole.
render -o hash: --from 20 --frames 4 >"$folder/first"
(cd / && TZ=Asia/Tokyo LC_ALL=C.UTF-8 LANG=de_DE.UTF-8 render -o hash: --from 20 --frames 4) \
	>"$folder/second"
render -o hash: --from 20 --frames 4 --full-redraw >"$folder/full"
for other in second full; do
	if ! cmp "$folder/first" "$folder/$other"; then
		echo "the same frames, drawn again ($other), differ:"
		diff "$folder/first" "$folder/$other" || true
		status=1
	fi
done
[ "$(wc -l <"$folder/first")" -eq 4 ] || status=1
exit $status
