#!/bin/sh
# Studio in a real browser, against a fake camera. $1: the folder of the built programs.
# labels: browser
set -eu
skip() {
	echo "skipped: $1"
	exit 77
}
here=$(dirname "$(readlink -f "$0")")
build=$(dirname "$(readlink -f "$1")")
for program in fake-camera studio-alone; do
	[ -x "$build/tests/$program" ] || skip "$program is not built"
done
command -v node >/dev/null || skip "node is not installed"
browser=${LUN_CHROMIUM:-$(command -v chromium || true)}
[ -x "$browser" ] || skip "chromium is not installed"
if [ ! -d "$here/../node_modules/playwright-core" ]; then
	command -v npm >/dev/null || skip "npm is not installed"
	(cd "$here/.." && timeout 100 npm ci --no-audit --no-fund >&2) ||
		skip "npm ci in tests/ failed: no network?"
fi
exec timeout 170 node "$here/studio.mjs" "$build/tests" "$browser"
