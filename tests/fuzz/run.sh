#!/bin/sh
# Runs one fuzz target for some seconds. What it finds lies in BUILD/fuzz/NAME/ and is named.
# Usage: run.sh BUILD NAME SECONDS
set -eu
build=$1
name=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
work=$build/fuzz/$name
mkdir -p "$work/corpus"

export LSAN_OPTIONS="suppressions=$here/../lsan.supp:print_suppressions=0"
set -- "-max_total_time=$3" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
	"-artifact_prefix=$work/"
[ -e "$here/$name.dict" ] && set -- "$@" "-dict=$here/$name.dict"
set -- "$@" "$work/corpus"
[ -d "$here/corpus/$name" ] && set -- "$@" "$here/corpus/$name"
if ! "$build/tests/fuzz-$name" "$@" >"$work/log" 2>&1; then
	grep -E 'ERROR|SUMMARY|runtime error|bug:|#[0-9]+ 0x' "$work/log" | head -n 30
	echo "fuzz-$name found something; its input lies in $work, its words in $work/log"
	exit 1
fi
sed -n 's/^stat::number_of_executed_units: */runs: /p' "$work/log"
