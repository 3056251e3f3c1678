# What the other scripts share; sourced by them, does nothing by itself.
#
# Written for bash 3.2, which is what macOS has: no associative arrays, no `mapfile`.
# shellcheck shell=bash

# Messages go to standard error, so that standard output stays a script's result.
step() { printf '\n== %s\n' "$*" >&2; }
say() { printf '%s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
# The same with an exit code of docs/exit-codes.md: 2 for what is asked wrongly, 3 for what this
# machine lacks.
die_with() {
    local code=$1
    shift
    printf 'error: %s\n' "$*" >&2
    exit "$code"
}

has() { command -v "$1" >/dev/null 2>&1; }

# A path ($2) as it was meant in a folder ($1): that in which a script was called, before it changed to
# the repository's root.
absolute() { case $2 in /*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1/$2" ;; esac; }

# The comment at the head of a script is its help text. It is looked for beside this file: the path by
# which the script was called may not hold any more where it has changed its folder.
print_header() {
    awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' \
        "$(dirname "${BASH_SOURCE[0]}")/${1##*/}"
}

# Runs a command as root, where `may_be_root` says that this is possible.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# At a terminal sudo may ask for the password.
may_be_root() {
    [ "$(id -u)" = 0 ] || { has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }
}

can_install() { has apt-get && may_be_root; }

# Whether apt knows a package, as far as it was updated.
is_available() {
    # Not `grep -q`: it ends early, and `pipefail` would count the broken pipe as a failure.
    has apt-cache && apt-cache policy "$1" | grep '^ *Candidate: [^(]' >/dev/null
}

updated=false
update_once() {
    # One of many sources that does not answer, or is not signed, need not be one that is wanted.
    $updated || as_root apt-get update -q >&2 || warn "apt-get could not update every source"
    updated=true
}

# Waits for another apt to end: a fresh machine updates itself.
install_packages() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=120 install -y -q --no-install-recommends "$@" >&2
}

# Rust's name of an architecture, as Debian, Docker or `uname` name it ($1). Others are left as they are.
rust_architecture() {
    case $1 in
        amd64 | x86_64) echo x86_64 ;;
        arm64 | aarch64) echo aarch64 ;;
        *) printf '%s\n' "$1" ;;
    esac
}

# Which architecture a program ($1) is for, by the machine in its ELF header; nothing where it is none.
architecture_of() {
    [ "$(head -c 4 "$1" | od -An -c | tr -d ' ')" = '177ELF' ] || return 0
    case $(od -An -t u1 -j 18 -N 1 "$1" | tr -d ' ') in
        62) echo x86_64 ;;
        183) echo aarch64 ;;
        *) echo 'another machine' ;;
    esac
}

# Ends where a program ($1) is for an architecture that this machine does not run.
must_run() {
    local architecture mended='take one that was built for it'
    architecture=$(architecture_of "$1")
    if [ -z "$architecture" ] || runs_architecture "$architecture"; then return; fi
    case $architecture in
        aarch64 | x86_64) mended="$mended, or: $(command_to_emulate "$architecture")" ;;
    esac
    die_with 3 "$1 is for $architecture, and this machine is $(uname -m) ('exec format error'): $mended"
}

# Whether this machine runs programs of an architecture ($1, Rust's name): its own, or by an emulator
# that the kernel is told of.
runs_architecture() {
    [ "$1" = "$(rust_architecture "$(uname -m)")" ] ||
        grep -qx enabled "/proc/sys/fs/binfmt_misc/qemu-$1" 2>/dev/null
}

command_to_emulate() { echo "./scripts/emulator $1"; }

# Runs a command for at most so many seconds; without a limit where the system has no `timeout`.
within() {
    local seconds=$1
    shift
    if has timeout; then timeout --kill-after=5 "$seconds" "$@"; else "$@"; fi
}

# Runs a command on the last core that this program may use: the first one is the busiest with
# interrupts. Anywhere, where the system has no `taskset`.
on_last_core() {
    if has taskset; then
        taskset --cpu-list "$(taskset --cpu-list --pid $$ | sed 's/.*[:,-] *//')" "$@"
    else
        "$@"
    fi
}

# Whether version $1 is at least $2; both are numbers parted by dots.
version_at_least() {
    awk -v have="$1" -v need="$2" 'BEGIN {
        split(have, h, "."); parts = split(need, n, ".")
        for (i = 1; i <= parts; i++) if (h[i] + 0 != n[i] + 0) exit !(h[i] + 0 > n[i] + 0)
    }'
}

# Where a server's program is: as the environment says, in PATH, or in the folders in which busbench
# looks beside it (Debian keeps mosquitto in /usr/sbin, which not every user has in PATH).
find_program() {
    local folder named
    case $1 in
        nats-server) named=${BUSBENCH_BIN_NATS:-} ;;
        mosquitto) named=${BUSBENCH_BIN_MOSQUITTO:-} ;;
        redis-server) named=${BUSBENCH_BIN_REDIS:-} ;;
        *) named='' ;;
    esac
    if [ -n "$named" ]; then
        printf '%s\n' "$named"
        return
    fi
    if has "$1"; then
        command -v "$1"
        return
    fi
    for folder in /usr/local/sbin /usr/sbin /opt/homebrew/sbin /usr/local/opt/mosquitto/sbin; do
        if [ -x "$folder/$1" ]; then
            printf '%s\n' "$folder/$1"
            return
        fi
    done
    return 1
}

# One line with the version of a server's program: $1 its name, $2 its path.
server_version() {
    case $1 in
        nats-server) "$2" --version ;;
        # mosquitto's help text ends with an exit code of its own.
        mosquitto) { "$2" -h || true; } 2>&1 | head -n 1 ;;
        redis-server) "$2" --version | cut -d ' ' -f 1-3 ;;
    esac
}

# Where cargo puts what it builds.
target_folder() {
    cargo metadata --no-deps --format-version 1 --offline 2>/dev/null |
        sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# Two checkouts that share a target folder have the same names in it, and cargo looks at the times of
# files only: it would take what was built of the one for what the other needs. So this drops what was
# built of the own crates of the checkout in the current folder: $1 is cargo's profile.
forget_own_crates() {
    local names name packages=()
    names=$(cargo metadata --no-deps --format-version 1 | jq --raw-output '.packages[].name')
    for name in $names; do packages+=(--package "$name"); done
    cargo clean --locked --quiet --profile "$1" "${packages[@]}"
}
