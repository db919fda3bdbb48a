#!/bin/sh
# Asks the writer to pause between two appends and waits until it says that it does. May be called again at any time.
set -eu
cd "$FERMATA_FILES"

word="pause $$"
printf '%s' "$word" >pause.new
mv -f pause.new pause

tries=0
while [ "$(cat paused 2>/dev/null || true)" != "$word" ]; do
  # Taken back meanwhile, by continue.sh: then nobody is waiting for this pause any more.
  [ "$(cat pause 2>/dev/null || true)" = "$word" ] || { echo 'the pause was called off'; exit 1; }
  tries=$((tries + 1))
  [ "$tries" -lt 800 ] || { echo 'the writer does not answer'; exit 1; }
  sleep 0.01
done
