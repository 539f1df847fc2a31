#!/bin/sh
# Every C file is as clang-format leaves it. Usage: format.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

# Other versions know other rules: only 14, Debian 12's, decides.
for clang_format in clang-format-14 clang-format; do
	case $("$clang_format" --version 2>/dev/null || true) in
	*"version 14."*) break ;;
	*) clang_format= ;;
	esac
done
if [ -z "$clang_format" ]; then
	echo "clang-format 14 is not installed"
	exit 77
fi

wrong=$(find . -name build -prune -o -name node_modules -prune -o -name .git -prune -o \
	-name '*.[ch]' -print0 | xargs -0 "$clang_format" --dry-run -Werror 2>&1 |
	sed -n -E 's/^(.*:[0-9]+):[0-9]+: error:.*/\1/p')
if [ -n "$wrong" ]; then
	echo "not as clang-format leaves them (put right by: $clang_format -i FILE):"
	echo "$wrong" | sort -t : -k 1,1 -u | sed 's/^/  /'
	exit 1
fi
