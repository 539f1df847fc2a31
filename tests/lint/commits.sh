#!/bin/sh
# The subjects of the last 50 commits: `module: what it does`, lower case, at most 60 characters.
# Usage: commits.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

# The folder may belong to somebody else (a container, CI); reading its log is no risk.
history() {
	git -c safe.directory='*' "$@" 2>/dev/null
}

if ! [ -e .git ] || ! history rev-parse -q --verify HEAD >/dev/null; then
	echo "there is no git history here"
	exit 77
fi

history log --no-merges -n 50 --format='%h %s' HEAD | awk '
	{ hash = $1; subject = substr($0, length($1) + 2) }
	length(subject) > 60 {
		print hash ": longer than 60 characters: " subject
		failed = 1
	}
	subject !~ /^[a-z0-9][a-z0-9_\/.,+-]*( and [a-z0-9_\/.+-]+)?: [^A-Z ]/ || subject ~ /[. ]$/ {
		print hash ": not `module: lower case`: " subject
		failed = 1
	}
	END { exit failed }'
