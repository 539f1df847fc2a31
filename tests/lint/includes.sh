#!/bin/sh
# Who may include what: the rules of docs/ARCHITECTURE.md. Usage: includes.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

# Every include of the sources, as FILE:LINE:HEADER.
includes=$(grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' --include='*.m' \
	runtime extension hostapp 2>/dev/null |
	sed -E 's/^([^:]*:[0-9]+):[^<"]*[<"]([^>"]*)[>"].*/\1:\2/')
if [ -z "$includes" ]; then
	echo "there is no source to look at"
	exit 1
fi

status=0
complain() { # sentence, offenders
	if [ -n "$2" ]; then
		echo "$1:"
		echo "$2" | sed 's/^/  /'
		status=1
	fi
}

only_under() { # folders, headers (both extended regular expressions), sentence
	complain "$3" "$(echo "$includes" | grep -E ":($2)" | grep -vE "^($1)/" || true)"
}

never_in() { # folder, headers, sentence
	complain "$3" "$(echo "$includes" | grep -E "^($1)/" | grep -E ":($2)" || true)"
}

only_under 'runtime/script' '(lua|lauxlib|lualib|luaconf)\.h' \
	'Lua is seen by runtime/script alone'
only_under 'runtime/(canvas|compose|media|script/api)' '(cairo|pango|fontconfig|harfbuzz)' \
	'cairo and Pango are seen by runtime/canvas, compose, media and script/api alone'
only_under 'runtime/frame' 'libyuv' 'libyuv is seen by runtime/frame alone'
only_under 'extension/pipewire' '(pipewire|spa)/' 'PipeWire is seen by extension/pipewire alone'
only_under 'extension/(v4l2|capture)' 'linux/videodev2\.h' \
	'V4L2 is seen by extension/v4l2 and extension/capture alone'
only_under 'extension/cmio' 'CoreMediaIO/' 'CMIO is seen by extension/cmio alone'
never_in 'runtime' '(\.\./)*(extension|hostapp)/' 'runtime knows neither extension nor hostapp'
never_in 'extension' '(\.\./)*hostapp/' 'extension does not know hostapp'

# extension and hostapp see runtime through lunette/*.h alone. Whatever way an include is written,
# it breaks the rule when it leads to a file of runtime that lies outside its include folder.
inside=$(echo "$includes" | grep -E '^(extension|hostapp)/' | while IFS=: read -r file line header; do
	case $header in
	lunette/*) continue ;;
	runtime/* | */runtime/*) echo "$file:$line:$header" ;;
	*)
		if [ -e "runtime/$header" ] && ! [ -e "$(dirname "$file")/$header" ]; then
			echo "$file:$line:$header"
		fi
		;;
	esac
done)
complain 'extension and hostapp see runtime through lunette/*.h alone' "$inside"

exit $status
