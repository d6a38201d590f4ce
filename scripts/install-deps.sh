#!/usr/bin/env bash
# Installs what cnie needs from the operating system, and only what is missing:
# a second run does nothing and needs no network.
#
#   install-deps.sh           to build with PC/SC and run the demonstration
#   install-deps.sh --browser the browser of the demonstration that plays itself, as well
#   install-deps.sh --package what packages are made with, as well
#   install-deps.sh --test    what the tests need as well
#   install-deps.sh --list    print the packages and whether they are there
#   install-deps.sh --arm64 DIR
#                             put Debian's arm64 PC/SC library into DIR and print the
#                             settings with which go links programs for arm64
#
# --test brings the arm64 compiler and C library. They are enough to compile
# (CGO_ENABLED=1 GOARCH=arm64 CC=aarch64-linux-gnu-gcc go build ./cardreader/pcsc,
# and go vet): the headers of libpcsclite-dev serve every architecture, and a
# package is not linked. A program is; it takes the library of --arm64, which is
# unpacked rather than installed, so that the system keeps one architecture.
set -euo pipefail

demo=(pcscd vsmartcard-vpcd libpcsclite-dev pkg-config gcc libc6-dev util-linux)
browser=(chromium)
packaging=(zip binutils)
test=(opensc gcc-aarch64-linux-gnu libc6-dev-arm64-cross openssl opensc-pkcs11 yubico-piv-tool gnutls-bin libengine-pkcs11-openssl libnss3-tools openssh-client openssh-server softhsm2 poppler-utils qpdf unzip postgresql default-jdk-headless libbcpkix-java minisign zbar-tools libopenjp2-tools python3-jwt python3-cryptography strace nodejs curl python3 libeac-dev libssl-dev openpace mrtdreader ausweisapp2)

die() { echo "install-deps.sh: $*" >&2; exit 1; }

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# as_root runs a command as root, or says who must.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root is needed; $by_hand"
    fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 "$@"; }

# arm64 fetches through lists of its own: those of the system know one architecture.
arm64() { # DIR
    local dir deb library
    mkdir -p "$1"/lists/partial "$1"/cache/archives/partial "$1"/sysroot
    dir=$(cd "$1" && pwd)
    : >"$dir/status"
    local apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::lists="$dir/lists"
        -o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=)
    (cd "$dir" && "${apt[@]}" update && "${apt[@]}" download libpcsclite-dev libpcsclite1) >&2 ||
        die "the arm64 library cannot be fetched; is there a network?"
    for deb in "$dir"/*_arm64.deb; do dpkg-deb -x "$deb" "$dir/sysroot"; done
    library=$dir/sysroot/usr/lib/aarch64-linux-gnu
    echo "CGO_ENABLED=1 GOARCH=arm64 CC=aarch64-linux-gnu-gcc CGO_LDFLAGS=-L$library PKG_CONFIG_SYSROOT_DIR=$dir/sysroot PKG_CONFIG_PATH=$library/pkgconfig"
}

packages=("${demo[@]}")
list=false
if [[ ${1:-} == --arm64 && $# == 2 ]]; then
    arm64 "$2"
    exit
fi
for option in "$@"; do
    case $option in
    --browser) packages+=("${browser[@]}") ;;
    --package) packages+=("${packaging[@]}") ;;
    --test) packages+=("${browser[@]}" "${packaging[@]}" "${test[@]}") ;;
    --list) list=true ;;
    *) echo "usage: install-deps.sh [--browser] [--package] [--test] [--list] | --arm64 DIR" >&2; exit 64 ;;
    esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is not Debian or Ubuntu; install pcsc-lite with its headers, vsmartcard's vpcd, pkg-config and a C compiler (on Debian: ${packages[*]})"
fi

missing=()
for package in "${packages[@]}"; do
    state=there
    installed "$package" || { state=missing; missing+=("$package"); }
    if $list; then echo "$package $state"; fi
done
if $list || ((${#missing[@]} == 0)); then exit 0; fi

echo "install-deps.sh: installing ${missing[*]}" >&2
by_hand="run as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
apt update --quiet || die "the package lists cannot be fetched; is there a network? If so, $by_hand"
apt install --yes --no-install-recommends "${missing[@]}" || die "apt-get could not install them; $by_hand"
