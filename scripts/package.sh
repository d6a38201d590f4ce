#!/usr/bin/env bash
# Builds what is installed, into out/package (or the folder that is given):
#
#   cnie_VERSION-1_amd64.deb          the tool, its manual pages, completions and units
#   cnie_VERSION_windows_amd64.zip    cnie.exe and how to begin
#
# Nothing in them depends on when or where they were built: times are those of the
# last commit, or of SOURCE_DATE_EPOCH. VERSION is the version, else git's.
set -euo pipefail
cd "$(dirname "$0")/.."

# Pinned. 2.46 and later pull in modules that not every proxy has.
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.0

mkdir -p "${1:-out/package}"
out=$(cd "${1:-out/package}" && pwd)
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

die() { echo "package.sh: $*" >&2; exit 1; }

described=$(git describe --tags --always --dirty 2>/dev/null || echo unknown)
VERSION=${VERSION:-${described#v}}
if [[ ! $VERSION =~ ^[0-9]+\. ]]; then VERSION=0.0~git.$VERSION; fi # before any release
VERSION=${VERSION//-/.} # a hyphen parts the Debian revision
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
MAINTAINER=${MAINTAINER:-"cnie authors <cnie@example.org>"}
export VERSION SOURCE_DATE_EPOCH MAINTAINER

# put copies a file: MODE FROM TO
put() { install -D --mode "$1" "$2" "$root$3"; }

# programs builds cnie with relocations that are read-only once it runs, and without
# symbols. It is not position-independent: that compiles everything a second time,
# for several minutes, and Go's memory safety does not rest on it.
programs() {
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION -linkmode external -extldflags '-Wl,-z,relro,-z,now'" -o "$work/cnie" ./cmd/cnie
    GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -trimpath -tags noserve -ldflags "-s -w -X main.version=$VERSION" -o "$work/windows/cnie.exe" ./cmd/cnie
    # The newest symbol of the C library that is used is the oldest one that serves.
    LIBC=$(objdump -T "$work/cnie" | grep -oE 'GLIBC_[0-9.]+' | cut -d_ -f2 | sort -V | tail -n 1)
    [[ -n $LIBC ]] || die "cannot see which C library cnie needs; is binutils installed?"
    export LIBC
}

# documents writes what the program knows of itself, and the licences that the
# libraries in it ask to be passed on.
documents() {
    local shell page
    local -A place=([bash]=/usr/share/bash-completion/completions/cnie [zsh]=/usr/share/zsh/vendor-completions/_cnie
        [fish]=/usr/share/fish/vendor_completions.d/cnie.fish)
    "$work/cnie" man "$work/man" >/dev/null
    for page in "$work"/man/*.1; do
        gzip --best --no-name "$page"
        put 644 "$page.gz" "/usr/share/man/man1/${page##*/}.gz"
    done
    for shell in "${!place[@]}"; do
        "$work/cnie" completion "$shell" >"$work/completion"
        put 644 "$work/completion" "${place[$shell]}"
    done
    (cd "$work" && ./cnie site init >/dev/null)
    put 644 "$work/site.yaml" /etc/cnie/site.example.yaml
    licences | gzip --best --no-name >"$work/licences.gz"
    put 644 "$work/licences.gz" /usr/share/doc/cnie/third-party-licences.gz
}

licences() {
    local module dir file
    go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/cnie | LC_ALL=C sort -u |
        while read -r module version dir; do
            for file in "$dir"/LICEN[SC]E* "$dir"/COPYING* "$dir"/NOTICE*; do
                if [[ -f $file ]]; then printf '==== %s %s: %s\n\n' "$module" "$version" "${file##*/}"; cat "$file"; echo; fi
            done
        done
}

# layout puts everything else where Debian has it.
layout() {
    local page
    put 755 "$work/cnie" /usr/bin/cnie
    put 755 packaging/desktop/open-screen /usr/lib/cnie/open-screen
    put 644 packaging/desktop/cnie-clerk.desktop /usr/share/applications/cnie-clerk.desktop
    put 644 packaging/desktop/cnie-citizen.desktop /usr/share/applications/cnie-citizen.desktop
    put 644 packaging/systemd/cnie-counter.service /usr/lib/systemd/system/cnie-counter.service
    put 644 packaging/systemd/cnie-agent@.service /usr/lib/systemd/system/cnie-agent@.service
    put 644 packaging/systemd/tmpfiles.conf /usr/lib/tmpfiles.d/cnie.conf
    put 644 packaging/debian/polkit.rules /usr/share/polkit-1/rules.d/50-cnie-counter.rules
    put 644 packaging/debian/counter.default /etc/default/cnie-counter
    put 644 packaging/debian/copyright /usr/share/doc/cnie/copyright
    put 644 packaging/debian/lintian-overrides /usr/share/lintian/overrides/cnie
    for page in operations site ledger trust; do put 644 "docs/$page.md" "/usr/share/doc/cnie/$page.md"; done
    gzip --best --no-name <CHANGELOG.md >"$work/changelog.gz"
    put 644 "$work/changelog.gz" /usr/share/doc/cnie/changelog.gz
    printf 'cnie (%s-1) unstable; urgency=medium\n\n  * Built from source; see changelog.gz.\n\n -- %s  %s\n' "$VERSION" "$MAINTAINER" \
        "$(LC_ALL=C date --utc --date "@$SOURCE_DATE_EPOCH" -R)" | gzip --best --no-name >"$work/changelog.Debian.gz"
    put 644 "$work/changelog.Debian.gz" /usr/share/doc/cnie/changelog.Debian.gz
    install -D --mode 755 --target-directory "$work/scripts" packaging/debian/{postinst,prerm,postrm}
}

debian() {
    find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
    (cd "$work" && go run "$nfpm" package --config "$top/packaging/nfpm.yaml" --packager deb --target "$out" >/dev/null)
}

windows() {
    local zip=$out/cnie_${VERSION}_windows_amd64.zip
    sed 's/$/\r/' packaging/windows/README.txt >"$work/windows/README.txt"
    sed 's/$/\r/' LICENSE >"$work/windows/LICENSE.txt"
    cp "$work/site.yaml" "$work/windows/site.example.yaml"
    find "$work/windows" -exec touch --date "@$SOURCE_DATE_EPOCH" {} +
    rm -f "$zip"
    (cd "$work/windows" && LC_ALL=C TZ=UTC zip -qX "$zip" ./*)
}

programs
documents
layout
debian
windows
ls "$out/cnie_${VERSION}-1_amd64.deb" "$out/cnie_${VERSION}_windows_amd64.zip"
