#!/bin/sh
# scripts/types/lunette.lua has every name that the bindings register, and no other.
# Usage: types.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

stub=scripts/types/lunette.lua
if ! [ -d runtime/script/api ]; then
	echo "there are no bindings to compare with"
	exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# A binding is l_<module>_<function>; calls that go through one table of the canvas are call_<name>;
# the kinds of parameters are a list of their own. `os` and `string` are Lua's, and editors know them.
{
	sed -n -E \
		-e 's/.*\{"([a-z_0-9]+)", l_([a-z]+)_[a-z_0-9]+\}.*/\2.\1/p' \
		-e 's/.*\{"([a-z_0-9]+)", [0-9].*, call_[a-z_0-9]+\}.*/canvas.\1/p' runtime/script/api/*.c \
		runtime/script/json.c
	sed -n '/ kinds\[\] = {/,/};/p' runtime/script/api/l_param.c | grep -oE '"[a-z]+"' |
		sed -E 's/"(.*)"/param.\1/'
} | grep -vE '^(os|string)\.' | sort -u >"$folder/bindings"

sed -n -E 's/^function ([A-Za-z]+)[.:]([a-z_0-9]+)\(.*/\1.\2/p' "$stub" | tr '[:upper:]' '[:lower:]' |
	sort -u >"$folder/stub"

status=0
only_in() { # column, sentence
	found=$(comm "$1" "$folder/bindings" "$folder/stub")
	if [ -n "$found" ]; then
		echo "$2:"
		echo "$found" | sed 's/^/  /'
		status=1
	fi
}
only_in -23 "missing in $stub"
only_in -13 "in $stub, but there is no such binding"
exit $status
