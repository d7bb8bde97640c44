#!/bin/sh
# Runs one fuzz target for VITRINE_FUZZ_SECONDS (default 30) on its corpus. New inputs go
# to the build folder; a crash is kept there and named in the output.
set -eu
program=$1
name=$2
here=$(dirname "$0")
work=$(dirname "$program")/fuzz-work/$name
mkdir -p "$work" "$here/corpus/$name"
dict=""
[ -f "$here/dict/$name.dict" ] && dict="-dict=$here/dict/$name.dict"
# shellcheck disable=SC2086
exec "$program" -max_total_time="${VITRINE_FUZZ_SECONDS:-30}" -timeout=10 -rss_limit_mb=2048 \
  -print_final_stats=1 -artifact_prefix="$work/" $dict "$work" "$here/corpus/$name"
