# How scripts/images, scripts/servers and scripts/clients find and unpack packages of Debian or Ubuntu,
# for any architecture and without running anything of them; sourced after lib.sh, does nothing by itself.
# shellcheck shell=bash

# What Debian calls this machine's architecture.
host_arch() {
    case $(uname -m) in
        x86_64 | amd64) echo amd64 ;;
        aarch64 | arm64) echo arm64 ;;
        *) die "no packages for $(uname -m): only amd64 and arm64 are known" ;;
    esac
}

# `debian` or `ubuntu`, whose packages these are.
distribution() {
    case " $(sed -n 's/^ID\(_LIKE\)\{0,1\}=//p' /etc/os-release | tr -d '"' | tr '\n' ' ') " in
        *' ubuntu '*) echo ubuntu ;;
        *' debian '*) echo debian ;;
        *) die_with 3 'this takes Debian or Ubuntu, whose packages it unpacks' ;;
    esac
}

# The first mirror of the distribution's own archive that apt is told of, in whatever file.
# Security updates are in an archive of their own on Debian, which has few packages.
mirror() {
    # shellcheck disable=SC2016 # apt expands it
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
        awk -v origin="$1" '
            tolower($1) == origin && $2 !~ /security/ { print $2; found = 1; exit }
            END { exit !found }' ||
        die "apt on this machine is told of no $1 mirror, or was never updated: apt-get update"
}

# Sets `mirror`, `components` and, where it is empty, `suite`.
find_packages() {
    local distribution
    [ -r /etc/os-release ] ||
        die 'servers are unpacked from Debian or Ubuntu packages, on Debian or Ubuntu'
    has mmdebstrap || die 'mmdebstrap is needed: apt-get install mmdebstrap'
    distribution=$(distribution)
    mirror=$(mirror "$distribution")
    components=main
    if [ "$distribution" = ubuntu ]; then
        # Where Ubuntu has these servers.
        components=main,universe
        suite=${suite:-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)}
    fi
    suite=${suite:-trixie}
}

# Unpacks packages ($2, parted by commas) and all that they depend on into a tar archive ($1). The rest
# is options of mmdebstrap. Nothing of it is run, so the architecture may be any.
unpack_packages() {
    local archive=$1 packages=$2
    shift 2
    # shellcheck disable=SC2016,SC2154 # mmdebstrap expands $1; find_packages and its callers set these
    mmdebstrap --quiet --variant=extract --format=tar \
        --architectures="$arch" --components="$components" \
        --include="base-files,$packages" "$@" \
        --extract-hook='rm -rf "$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale "$1"/usr/share/info' \
        "$suite" "$archive" "$mirror" >&2 ||
        die "cannot unpack $packages of $suite from $mirror (see above;" \
            'a user other than root needs the package uidmap)'
}
