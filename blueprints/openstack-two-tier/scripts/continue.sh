#!/bin/bash
# Lets the collector send records again; to one that never paused this changes nothing.
set -eu
exec 3<>"/dev/tcp/${address:?}/${port:?}"
echo go >&3
read -r -t 10 answer <&3
if [ "$answer" != going ]; then
  echo "the collector answered '$answer' instead of 'going'" >&2
  exit 1
fi
