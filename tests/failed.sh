#!/bin/sh
# What failed in a log of ctest or of node's test runner (TAP): of each failed test its own
# words, so that the end of a run says what broke. Prints nothing when no test failed.
#   tests/failed.sh LOG           the words: 40 lines a test, 80 in all, because of a long
#                                 output some keepers of logs have the last hundred lines only
#   tests/failed.sh --names LOG   one line a test: its place and its name, or ctest's name
set -eu
only_names=0
if [ "${1:-}" = --names ]; then
  only_names=1
  shift
fi
exec awk -v only_names="$only_names" -v here="$PWD/" '
  BEGIN {
    MOST = 40; ALL = 80 # lines: of a test, of all
    LEAST = 4           # fewer than these say nothing
    WIDE = 300          # bytes of a line
    BEFORE = 12         # lines that a file said before it broke as a whole
    in_node = in_ctest = n_before = said = left_out = 0
  }

  function without_here(text,    at) {
    gsub(/file:\/\//, "", text)
    while ((at = index(text, here)) > 0) text = substr(text, 1, at - 1) substr(text, at + length(here))
    return text
  }

  function put(text) {
    print substr(text, 1, WIDE)
    said++
  }

  # Of the lines the last ones, or, from the one that says it, first and last ones.
  function tell(title, from,    most, head, tail, first, i) {
    title = without_here(title)
    if (only_names) { print title; return }
    most = ALL - said < MOST ? ALL - said : MOST
    if (most < LEAST) { left_out++; return }
    put("failed: " title)
    most--
    first = n <= most ? 1 : from ? from : n - most + 1
    head = tail = 0
    if (n - first + 1 > most) {
      head = int(most * 2 / 3)
      tail = most - head - 1
      for (i = first; i < first + head; i++) put(lines[i])
      put("  (" n - first + 1 - head - tail " lines more)")
      first = n - tail + 1
    }
    for (i = first; i <= n; i++) put(lines[i])
  }

  # node: from "not ok" to the "..." of its indentation. A parent of failed tests is none itself.
  function begin_node(    rest) {
    match($0, /^ */)
    pad = substr($0, 1, RLENGTH)
    rest = $0
    sub(/^ *not ok [0-9]+ (- )?/, "", rest)
    node_name = rest
    in_node = 1
    n = 0
    place = frame = kind = ""
    whole_file = 0
  }

  function end_node(    i) {
    in_node = 0
    if (kind == "subtestsFailed") return
    if (place ~ /\/kit\// && frame != "") place = frame
    if (whole_file && !only_names) {
      for (i = n; i > 0; i--) lines[i + n_before] = lines[i]
      for (i = 1; i <= n_before; i++) lines[i] = before[i]
      n += n_before
    }
    if (kind == "cancelledByParent") n = 0
    tell((place == "" ? "" : place ": ") node_name, 1)
  }

  function take_node(    text, word) {
    text = $0
    if (substr(text, 1, length(pad)) == pad) text = substr(text, length(pad) + 1)
    if (text ~ /^  (---|duration_ms: .*|code: .ERR_TEST_FAILURE.)$/) return
    if (text ~ /^ *(node:|.*\(node:)/) return
    word = $2
    gsub(/\047/, "", word)
    if (text ~ /^  location: /) { place = word; return }
    if (text ~ /^  failureType: /) { kind = word; return }
    if (text ~ /^  exitCode: /) whole_file = 1
    if (frame == "" && match(text, /tests\/[^ ()]*\.test\.m?js:[0-9]+:[0-9]+/)) frame = substr(text, RSTART, RLENGTH)
    lines[++n] = without_here(text)
  }

  function keep_comment(    i) {
    if ($0 ~ /^ *# Subtest: /) return
    if (n_before == BEFORE) {
      for (i = 1; i < BEFORE; i++) before[i] = before[i + 1]
      n_before--
    }
    before[++n_before] = $0
  }

  # ctest: what stands between the line of the test and the next one that ctest says itself.
  function begin_ctest() {
    ctest_name = $0
    sub(/^ *([0-9]+\/[0-9]+ )?Test +#[0-9]+: /, "", ctest_name)
    end_how = ctest_name
    sub(/ .*/, "", ctest_name)
    sub(/^.*\*\*\*/, "", end_how)
    sub(/ +[0-9.]+ sec.*$/, "", end_how)
    if ($0 ~ /Subprocess aborted/) end_how = "aborted"
    in_ctest = 1
    n = from = 0 # from: the line that a sanitizer begins with
  }

  function take_ctest() {
    if ($0 ~ /^\[( RUN      |       OK )\]/) return # cmocka, of what went well
    if ($0 ~ /^ *$/ && n == 0) return
    lines[++n] = "  " $0
    if (from == 0 && $0 ~ /(^\[  ERROR   \]|ERROR: [A-Za-z]*Sanitizer|WARNING: ThreadSanitizer|runtime error: |ERROR: libFuzzer)/) from = n
  }

  function end_ctest() {
    in_ctest = 0
    while (n > 0 && lines[n] ~ /^ *$/) n--
    tell(ctest_name (only_names ? "" : ": " end_how), from)
  }

  in_node && $0 == pad "  ..." { end_node(); next }
  in_node && n == 0 && kind == "" && place == "" && $0 !~ /^ *(---|[a-zA-Z_]+: .*)$/ { end_node() }
  in_node { take_node(); next }
  in_ctest && /^( *([0-9]+\/[0-9]+ )?Test +#[0-9]+: | +Start +[0-9]+: |[0-9]+% tests passed)/ { end_ctest() }
  /^ *not ok [0-9]+ / { begin_node(); next }
  /^ *# / { keep_comment() }
  /^ *([0-9]+\/[0-9]+ )?Test +#[0-9]+: .*\*\*\*/ && !/\*\*\*(Skipped|Not Run \(Disabled\))/ { begin_ctest(); next }
  in_ctest { take_ctest() }

  END {
    if (in_node) end_node()
    if (in_ctest) end_ctest()
    if (left_out) print "and " left_out " more failed"
  }' "$1"
