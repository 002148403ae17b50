# What demo.sh, up.sh and down.sh share: starting a service, importing the samples, stopping. Sourced, never run.

# Prints a message and ends with failure; the caller's trap cleans up.
fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# start NAME FOLDER: starts $BIN/NAME in the background with its data, log, pid and address below FOLDER.
start() {
    : >"$2/$1.log"
    nohup "$BIN/$1" serve >>"$2/$1.log" 2>&1 </dev/null &
    echo $! >"$2/$1.pid"
}

# address_of NAME FOLDER: waits until the service serves, prints its address.
address_of() {
    waited=0
    until [ -s "$2/$1.address" ] && "$BIN/$1" health --address "http://$(cat "$2/$1.address")" >/dev/null 2>&1; do
        alive "$(cat "$2/$1.pid")" || {
            tail -n 20 "$2/$1.log" >&2
            fail "$1 ended before it served; its log is above"
        }
        [ "$waited" -lt 300 ] || fail "$1 did not serve within 30 seconds"
        waited=$((waited + 1))
        sleep 0.1
    done
    cat "$2/$1.address"
}

# import_samples REGISTRY_ADDRESS: enterprises first, then what they offer and ask for.
import_samples() {
    for file in samples/enterprises*.csv samples/opportunities*.csv; do
        "$BIN/registry-service" import "$file" --address "http://$1"
    done
}

# alive PID: whether the process runs; one that has ended and whom nobody has waited for does not.
alive() {
    kill -0 "$1" 2>/dev/null || return 1
    case $(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null || ps -o stat= -p "$1" 2>/dev/null) in
    Z*) return 1 ;;
    esac
}

# still PID NAME: whether the process is the service that was left running, and not a stranger that got its number.
still() {
    alive "$1" || return 1
    case $(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || ps -o args= -p "$1" 2>/dev/null) in
    *"$2"*) return 0 ;;
    *) return 1 ;;
    esac
}

# stop NAME FOLDER: asks the service to end, waits, and forces it after 12 seconds (it drains for 10 at most).
stop() {
    [ -s "$2/$1.pid" ] || return 0
    pid=$(cat "$2/$1.pid")
    waited=0
    while alive "$pid"; do
        case $waited in
        0) kill -TERM "$pid" 2>/dev/null || true ;;
        120) kill -KILL "$pid" 2>/dev/null || true ;;
        esac
        waited=$((waited + 1))
        sleep 0.1
    done
    rm -f "$2/$1.pid"
}
