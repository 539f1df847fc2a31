#!/bin/sh
# lunette run: what it starts, says, starts again and leaves behind. The camera is a stand-in.
. "$(dirname "$0")/../harness/cli.sh"
use_stand_in

is_up() { grep -q "Ctrl-C" "$work/run.out"; }
camera_pid() { tail -n 1 "$LUNETTE_CONTAINER/args" | sed 's/.*"pid": \([0-9]*\).*/\1/'; }
is_gone() { ! kill -0 "$1" 2>"$work/kill"; }
starts() { [ "$(wc -l <"$LUNETTE_CONTAINER/args")" = "$1" ]; }
last_args() { tail -n 1 "$LUNETTE_CONTAINER/args"; }

start --size 1280x720 --fps 29.97 --matrix bt709 --output none --output pipewire --param a=b
waits is_up || not_ok "run says that it is up within 30 s"
cp "$work/run.out" "$work/out"
says out "http://127.0.0.1:" "run prints Studio's address"
says out "$LUNETTE_CONTAINER/scenes/lower-third/scene.lua" "the file to edit"
says out "Camera    Lunette" "the camera's name"
says out "no PipeWire session here" "and why no program sees it"
is "$(cat "$LUNETTE_CONTAINER/active")" lower-third "the first scene is lower-third"
last_args >"$work/out"
says out '"--size", "1280x720"' "the camera is told the size"
says out '"--fps", "30000/1001"' "the exact rate"
says out '"--matrix", "bt709"' "the matrix"
says out '"--output", "none", "--output", "pipewire"' "the outputs in order"
says out '"--param", "a=b"' "and parameters"
address=$(sed -n 's/.*\(http:[^ ]*\).*/\1/p' "$work/run.out")
if command -v curl >"$work/which"; then
	is "$(curl -s -o "$work/page" -w '%{http_code}' "$address")" 200 "Studio answers there"
fi

exits 1 "a second camera in the same container is refused" run --no-studio
says err "--container" "and the cure is named"

camera=$(camera_pid)
kill -KILL "$camera"
waits starts 2 || not_ok "a camera that dies is started again"
waits grep -q "it is back" "$work/run.err" || not_ok "and that is said"
grep -q "signal 9" "$work/run.err" || not_ok "with what ended it"
run status
is $code 0 "the new camera answers"
kill -0 "$started" || not_ok "run goes on meanwhile"

camera=$(camera_pid)
stop INT
is $code 0 "Ctrl-C exits 0"
waits is_gone "$camera" || not_ok "and no camera is left"

# A path is aired where it lies; what is chosen later outlives a restart.
mkdir "$work/mine"
cp "$LUNETTE_CONTAINER/scenes/card/scene.lua" "$work/mine/scene.lua"
start "$work/mine/scene.lua" --no-studio --camera-name "Room 1"
waits is_up || not_ok "run takes a path"
cp "$work/run.out" "$work/out"
says out "$work/mine/scene.lua" "and names it as the file to edit"
says out "Room 1" "and the camera as asked"
if grep -q http "$work/out"; then not_ok "--no-studio starts no Studio"; else ok "--no-studio starts no Studio"; fi
kill -KILL "$(camera_pid)"
waits starts 4 || not_ok "it is started again"
last_args >"$work/out"
says out "$work/mine/scene.lua" "with the same path"
waits sh -c "[ \$(grep -c 'it is back' '$work/run.err') = 1 ]" || not_ok "it is up again"
run use card
waits grep -q "on air: card" "$work/run.err" || not_ok "another scene on air is told"
kill -KILL "$(camera_pid)"
waits starts 5 || not_ok "it is started again"
last_args >"$work/out"
if grep -q -- --scene "$work/out"; then not_ok "the scene chosen since is kept"; else ok "the scene chosen since is kept"; fi
stop TERM
is $code 0 "SIGTERM exits 0"

# A scene of the container that is named becomes its active one.
start card --no-studio
waits is_up || not_ok "run takes a name"
last_args >"$work/out"
says out "\"--scene\", \"$LUNETTE_CONTAINER/scenes/card/scene.lua\"" "a name is given as its file"
is "$(cat "$LUNETTE_CONTAINER/active")" card "and is the active scene from then on"
kill -KILL "$(camera_pid)"
waits starts 7 || not_ok "it is started again"
last_args >"$work/out"
if grep -q -- --scene "$work/out"; then not_ok "with the active scene"; else ok "with the active scene"; fi
stop TERM

# One that dies again and again is given up.
start --no-studio
waits is_up || not_ok "run starts"
count=$(wc -l <"$LUNETTE_CONTAINER/args")
for n in 1 2 3 4 5; do
	kill -KILL "$(camera_pid)"
	waits starts $((count + n)) || not_ok "start $n after a death"
done
kill -KILL "$(camera_pid)"
wait "$started"
is $? 1 "six deaths within a minute end run with exit code 1"
started=
grep -q "6 times within a minute" "$work/run.err" || not_ok "and that is said"

STAND_IN=refuse exits 3 "run exits as a camera that cannot start asks it to" run --no-studio
is "$(cat "$work/err")" "lunette: run: no fonts on this machine" "in the camera's words"
STAND_IN=silent exits 1 "a camera that ends without a word is a failure" run --no-studio
says err "exit code 9" "and how it ended is said"

STAND_IN=deaf start --no-studio
waits is_up || not_ok "a deaf camera is up"
camera=$(camera_pid)
stop TERM
is $code 0 "run exits 0 with a camera that does not listen"
waits is_gone "$camera" || not_ok "which is killed"

mkfifo "$work/hold"
python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True)
open("'"$work/hold"'").read()' >"$work/port" &
holder=$!
waits test -s "$work/port" || not_ok "a port is taken"
exits 1 "a port that is taken is a failure" run --port "$(cat "$work/port")"
says err "--port" "and the cure is named"
echo >"$work/hold"
wait "$holder"

exits 1 "a scene that is not there is a failure" run nothing
rm "$work/bin/lunette-camera"
exits 3 "without lunette-camera something is missing" run
says err "lunette-camera" "and it is named"
exit $failed
