#!/bin/sh
# Stops what up.sh left running and removes its data.
set -eu
cd "$(dirname "$0")/.."
. samples/services.sh

folder=.demo/up
for name in matcher-service registry-service; do
    if [ -s "$folder/$name.pid" ] && still "$(cat "$folder/$name.pid")" "$name"; then
        stop "$name" "$folder"
    fi
done
rm -rf "$folder"
rmdir .demo 2>/dev/null || true
