#!/bin/sh
# Every header compiles alone; runtime's public ones also as C++. Usage: headers.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

# shellcheck disable=SC2046,SC2086 # lists of words
compiles() { # compiler, language, standard, header
	echo "#include \"$4\"" | "$1" -x "$2" -std="$3" -fsyntax-only -Wall -Wextra -Werror \
		-D_GNU_SOURCE -I. -Iruntime -Iruntime/include $flags -
}

flags=
for library in lua5.4 cairo pangocairo jansson libuv libavformat libavcodec libavutil libswscale \
	libwebsockets libturbojpeg libpipewire-0.3; do
	# System headers may warn; ours may not.
	flags="$flags $(pkg-config --cflags "$library" 2>/dev/null |
		sed -E 's/(^| )-I/\1-isystem /g' || true)"
done

status=0
for header in $(find runtime extension hostapp -name '*.h' | sort); do
	case $header in
	extension/pipewire/*) pkg-config --exists libpipewire-0.3 || continue ;;
	extension/cmio/* | hostapp/macos/*) continue ;; # Apple's headers
	esac
	if ! compiles cc c c17 "$header"; then
		echo "$header does not compile alone as C"
		status=1
	fi
done
[ $status = 0 ] || exit $status

if ! command -v c++ >/dev/null 2>&1; then
	echo "there is no C++ compiler to try the public headers with"
	exit 77
fi
for header in runtime/include/lunette/*.h; do
	if ! compiles c++ c++ c++17 "$header"; then
		echo "$header does not compile alone as C++"
		status=1
	fi
done
exit $status
