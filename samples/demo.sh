#!/bin/sh
# Starts both services on free ports, imports the samples, prints the 100 best pairs, stops both, removes its folder.
set -eu
cd "$(dirname "$0")/.."
: "${BIN:=target/release}"
. samples/services.sh

folder=.demo/run.$$
mkdir -p "$folder"

clean_up() {
    trap - EXIT INT TERM HUP
    stop matcher-service "$folder"
    stop registry-service "$folder"
    rm -rf "$folder"
    rmdir .demo 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

export REGISTRY__SERVER__LISTEN=127.0.0.1:0
export REGISTRY__SERVER__ADDRESS_FILE="$folder/registry-service.address"
export REGISTRY__DATABASE__URL="sqlite://$folder/corridor.db"
start registry-service "$folder"
registry=$(address_of registry-service "$folder")

import_samples "$registry"

# The matcher serves once it has the registry's whole snapshot, so it is started when the samples are in.
export MATCHER__SERVER__LISTEN=127.0.0.1:0
export MATCHER__SERVER__ADDRESS_FILE="$folder/matcher-service.address"
export MATCHER__REGISTRY__ADDRESS="http://$registry"
start matcher-service "$folder"
matcher=$(address_of matcher-service "$folder")

"$BIN/matcher-service" pair --address "http://$matcher" --a-regions CN --b-regions PK --max-pairs 100
