#!/bin/sh
# No path of somebody's machine and no note to self in what we keep. Usage: words.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

status=0
none_of() { # sentence, extended regular expression, grep's options...
	sentence=$1
	words=$2
	shift 2
	found=$(grep -rnIE "$@" --exclude-dir=build --exclude-dir=node_modules --exclude-dir=.git --exclude=.git \
		--exclude=package-lock.json --exclude=words.sh -e "$words" . || true)
	if [ -n "$found" ]; then
		echo "$sentence:"
		echo "$found" | cut -c 1-200 | sed 's/^/  /'
		status=1
	fi
}

# Homes of nobody in particular may stand in examples.
none_of 'a path of one machine' \
	'(^|[^A-Za-z0-9_.*/-])/(work|root|tmp/wt|(home|Users)/[a-z][a-z0-9_-]*)/' -i
none_of 'a note to self' '(TODO|FIXME)' -w
exit $status
