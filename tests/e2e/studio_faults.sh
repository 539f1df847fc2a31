#!/bin/sh
# Studio with cameras and pages that misbehave. $1: the folder of the built programs.
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
exec timeout 120 node "$here/studio_faults.mjs" "$build/tests"
