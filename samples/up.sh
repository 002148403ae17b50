#!/bin/sh
# Leaves both services running on their default ports with the samples, and says how to talk to them.
set -eu
cd "$(dirname "$0")/.."
: "${BIN:=target/release}"
. samples/services.sh

folder=.demo/up
for name in registry-service matcher-service; do
    if [ -s "$folder/$name.pid" ] && still "$(cat "$folder/$name.pid")" "$name"; then
        fail "already up; \`make down\` stops it"
    fi
done
rm -rf "$folder"
mkdir -p "$folder"

# Whatever goes wrong on the way, nothing is left half up.
give_up() {
    trap - EXIT INT TERM HUP
    stop matcher-service "$folder"
    stop registry-service "$folder"
    rm -rf "$folder"
    rmdir .demo 2>/dev/null || true
}
trap give_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

export REGISTRY__SERVER__ADDRESS_FILE="$folder/registry-service.address"
export REGISTRY__DATABASE__URL="sqlite://$folder/corridor.db"
start registry-service "$folder"
registry=$(address_of registry-service "$folder")
import_samples "$registry"

export MATCHER__SERVER__ADDRESS_FILE="$folder/matcher-service.address"
export MATCHER__REGISTRY__ADDRESS="http://$registry"
start matcher-service "$folder"
matcher=$(address_of matcher-service "$folder")
trap - EXIT INT TERM HUP

cat <<EOF

registry-service serves on $registry, matcher-service on $matcher. Logs are in $folder. Try

    grpcurl -plaintext $registry list
    grpcurl -plaintext -d '{"filter": "region_code = \"PK\" AND industries:\"silk-textile\"", "page_size": 3}' \\
        $registry corridor.registry.v1.EnterpriseService/ListEnterprises
    grpcurl -plaintext $matcher corridor.matcher.v1.MatcherService/GetIndex

README.md goes on from there. \`make down\` stops both and removes their data.
EOF
