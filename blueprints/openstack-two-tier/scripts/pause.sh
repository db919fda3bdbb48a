#!/bin/bash
# Tells the collector to hold, and resolves when it says that no record is under way any more.
set -eu
exec 3<>"/dev/tcp/${address:?}/${port:?}"
echo hold >&3
read -r -t 10 answer <&3
if [ "$answer" != held ]; then
  echo "the collector answered '$answer' instead of 'held'" >&2
  exit 1
fi
