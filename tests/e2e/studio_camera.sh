#!/bin/sh
# Studio in a real browser, with the real camera behind it. $1: the folder of the built programs.
# labels: browser
set -eu
here=$(dirname "$(readlink -f "$0")")
bin=$(readlink -f "$1")
. "$here/../harness/browser.sh"
[ -x "$bin/lunette" ] || skip "lunette is not built"
need_browser
exec timeout 170 node "$here/studio_camera.mjs" "$bin" "$browser"
