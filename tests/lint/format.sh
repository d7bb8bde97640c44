#!/bin/sh
# clang-format over every C file: checks, or with --fix writes.
set -eu
cd "$(dirname "$0")/../.."
mode="--dry-run --Werror"
[ "${1:-}" = --fix ] && mode=-i
# shellcheck disable=SC2086
git ls-files -co --exclude-standard -- '*.c' '*.h' | while IFS= read -r file; do
  [ -f "$file" ] && printf '%s\n' "$file"
done | xargs clang-format $mode
