#!/bin/sh
# Studio in a real browser, against a fake camera. $1: the folder of the built programs.
# labels: browser
set -eu
here=$(dirname "$(readlink -f "$0")")
build=$(dirname "$(readlink -f "$1")")
. "$here/../harness/browser.sh"
for program in fake-camera studio-alone; do
	[ -x "$build/tests/$program" ] || skip "$program is not built"
done
need_browser
exec timeout 170 node "$here/studio.mjs" "$build/tests" "$browser"
