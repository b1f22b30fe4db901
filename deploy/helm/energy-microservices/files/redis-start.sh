#!/bin/sh
# Starts a Redis, once the end of its append-only file is in order.
#
#   redis-start.sh DIR redis-server ARGUMENTS...
#
# DIR is the directory of that file, `appendonlydir` in the one of the data.
#
# The effects of a Lua script are in the file as one transaction. A Redis that is killed while it writes them leaves half
# of one. At the next start it cuts off the command that is not whole, but leaves the MULTI and what follows it; more
# transactions are appended; and the start after that takes their EXEC for the missing one, and runs the half. What was
# in it has been stored again meanwhile, and is there twice. (Seen with Redis 7.0.15 and 8.0.2; in Valkey it is mended:
# https://github.com/valkey-io/valkey/pull/4342.) redis-check-aof cuts before the MULTI. It reads 200 MB a second.
#
# Only the end is cut: a file with whole transactions behind what is broken is left to Redis.
set -eu

say() { echo "redis-start: $*" >&2; }

# Prints the file that was written to last, by the manifest's order.
last_file() {
  for manifest in "$1"/*.manifest; do
    [ -f "$manifest" ] || continue
    name=$(sed -n 's/^file \([^ ]*\) .* type i.*/\1/p' "$manifest" | tail -n 1)
    [ -z "$name" ] || echo "$1/$name"
  done
}

# Cuts off what is behind the last whole command or transaction of a file.
mend() {
  file=$1 check=$2
  report=$("$check" "$file") && return
  rest=$(echo "$report" | sed -n 's/^AOF analyzed:.* diff=\([0-9]*\).*/\1/p')
  [ -n "$rest" ] || return 0
  # The dot keeps an EXEC whose line end was cut off from being one.
  if { tail -c "$rest" "$file"; echo .; } | grep -q "^EXEC$(printf '\r')\$"; then
    say "$file is broken $rest bytes before its end, and whole transactions follow: it is left as it is"
    return
  fi
  say "$file ends in the middle of a write: its last $rest bytes are cut off"
  echo y | "$check" --fix "$file" >/dev/null
}

dir=$1
shift
file=$(last_file "$dir")
# /usr/bin/redis-server has /usr/bin/redis-check-aof beside it, valkey-server its valkey-check-aof.
check=${1%server}check-aof
if [ -s "${file:-/nowhere}" ]; then
  if command -v "$check" >/dev/null; then
    mend "$file" "$check"
  else
    say "there is no $check: the end of $file is not looked at"
  fi
fi
exec "$@"
