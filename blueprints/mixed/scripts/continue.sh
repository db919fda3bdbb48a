#!/bin/sh
# Lets the writer go on. May be called again at any time, also when it does not pause.
set -eu
rm -f "$FERMATA_FILES/pause"
