#!/bin/sh
# The last line of `./dev test` says what happened. Results as ctest 3.25 writes them, counted by
# hand here. Usage: tally.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

passes='	<testcase name="unit.a" classname="unit.a" time="1" status="run">
		<system-out>ok 1 - says &lt;failure&gt;
</system-out>
	</testcase>'
skips='	<testcase name="e2e.b" classname="e2e.b" time="1" status="notrun">
		<skipped message="SKIP_RETURN_CODE=77"/>
		<system-out>looking
no PipeWire here &amp; none there
</system-out>
	</testcase>'
fails='	<testcase name="prop.c" classname="prop.c" time="1" status="fail">
		<failure message=""/>
		<system-out></system-out>
	</testcase>'
lost='	<testcase name="unit.d" classname="unit.d" time="0" status="notrun">
		<skipped message="Unable to find executable"/>
		<system-out>Unable to find executable: unit-d</system-out>
	</testcase>'

status=0
tally_is() { # exit code, expected output; the files are already there
	code=0
	awk -f tests/harness/tally.awk "$folder"/*.xml >"$folder/out" || code=$?
	if [ "$code" != "$1" ] || [ "$(cat "$folder/out")" != "$2" ]; then
		echo "wanted exit code $1 and:"
		echo "$2" | sed 's/^/  /'
		echo "got exit code $code and:"
		sed 's/^/  /' "$folder/out"
		status=1
	fi
	rm "$folder"/*.xml
}

results() { # preset, test cases...
	file=$folder/$1-tests.xml
	shift
	{
		printf '<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="(empty)"\n\ttests="1"\n\t>\n'
		printf '%s\n' "$@"
		printf '</testsuite>\n'
	} >"$file"
}

results dev "$passes" "$skips" "$passes"
tally_is 0 'skipped: e2e.b (dev): no PipeWire here & none there
2 passed, 0 failed, 1 skipped'

results dev "$passes" "$fails"
results tsan "$passes" "$skips"
tally_is 1 'skipped: e2e.b (tsan): no PipeWire here & none there
failed: prop.c (dev)
2 passed, 1 failed, 1 skipped'

results dev "$passes" "$lost"
tally_is 1 'failed: unit.d (dev)
1 passed, 1 failed, 0 skipped'

results dev ''
tally_is 1 '0 passed, 0 failed, 0 skipped'
exit $status
