# For tests/e2e/cli_*.sh: a folder of its own, a container in it, and checks that say what they
# found. Source it with the folder of the built programs as $1.

bin=$1
if ! [ -x "$bin/lunette" ]; then
	echo "no program lunette in \"$bin\""
	exit 1
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
export LUNETTE_CONTAINER=$work/container
failed=0
: >"$work/out" >"$work/err"
started=

# End what was started, whatever way the script ends.
clean_up() {
	if [ -n "$started" ]; then
		kill "$started" 2>"$work/kill"
		wait "$started" 2>"$work/wait"
	fi
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

ok() { echo "ok - $1"; }
not_ok() {
	echo "not ok - $1"
	head -n 20 "$work/out" | cut -c1-300 | tr -cd '[:print:]\n' | sed 's/^/#   out: /'
	head -n 20 "$work/err" | cut -c1-300 | sed 's/^/#   err: /'
	failed=1
}

# run WORDS...: lunette, with its exit code in $code and what it said in $work/out and $work/err
run() {
	timeout 60 "$lunette" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
}

# exits CODE SENTENCE WORDS...
exits() {
	wanted=$1 sentence=$2
	shift 2
	run "$@"
	if [ "$code" = "$wanted" ]; then ok "$sentence"; else
		not_ok "$sentence (exit code $code, not $wanted)"
	fi
}

# says FILE TEXT SENTENCE: after run or exits
says() {
	if grep -qF -- "$2" "$work/$1"; then ok "$3"; else not_ok "$3 (no \"$2\" in $1)"; fi
}

is() {
	if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3 (\"$1\", not \"$2\")"; fi
}

# near GOT WANTED SENTENCE: numbers, each at most 1 away
near() {
	if [ "$(echo "$1" | wc -w)" = "$(echo "$2" | wc -w)" ] && echo "$1 $2" |
		awk '{ for (i = 1; i <= NF / 2; i++) { d = $i - $(i + NF / 2); if (d * d > 1) exit 1 } }'; then
		ok "$3"
	else
		not_ok "$3 (\"$1\", not \"$2\")"
	fi
}

# waits COMMAND...: until it succeeds, at most 30 s
waits() {
	for _ in $(seq 300); do
		if "$@" >"$work/waits" 2>&1; then return 0; fi
		sleep 0.1
	done
	return 1
}

# json FILE EXPRESSION: python's view of the one object in it
json() {
	python3 -c 'import json, sys; v = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
		"$work/$1" "$2"
}

need_python() {
	if ! command -v python3 >"$work/which"; then
		echo "skipped: python3 is not installed"
		exit 77
	fi
}

lunette=$bin/lunette

# A folder where lunette finds the stand-in of tests/e2e/cli_stand_in.py as its camera.
use_stand_in() {
	need_python
	mkdir -p "$work/bin" "$work/container/scenes/lower-third" "$work/container/scenes/card"
	cp "$bin/lunette" "$work/bin/lunette"
	cp "$here/cli_stand_in.py" "$work/bin/lunette-camera"
	echo 'return { draw = function(cr) cr:paint() end }' >"$work/container/scenes/card/scene.lua"
	cp "$work/container/scenes/card/scene.lua" "$work/container/scenes/lower-third/scene.lua"
	lunette=$work/bin/lunette
}

# start WORDS...: `lunette run` in the background; what it says goes to $work/run.out and run.err
start() {
	: >"$work/run.out"
	"$lunette" run "$@" >"$work/run.out" 2>"$work/run.err" </dev/null &
	started=$!
}

# stop SIGNAL: it, with its exit code in $code
stop() {
	kill "-$1" "$started"
	wait "$started"
	code=$?
	started=
}
