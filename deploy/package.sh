#!/bin/bash
# Builds the Debian package and tries it: contents, scripts, dependencies, the program out of the package. Prints where it is.
# Usage: deploy/package.sh [--chroot]     --chroot: also installs it in a fresh Debian 12 (root, debootstrap and a mirror are needed)
set -euo pipefail
cd "$(dirname "$0")/.."
chroot_too=
case "${1:-}" in
"") ;;
--chroot) chroot_too=1 ;;
*) echo "usage: $0 [--chroot]" >&2; exit 64 ;;
esac
bash deploy/setup.sh build
command -v dpkg-shlibdeps >/dev/null || { echo "package: dpkg-dev is not installed (it works out the dependencies) apt-get install dpkg-dev" >&2; exit 1; }
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target sqd -- --quiet
out=$PWD/build/package
rm -rf "$out"
(cd build/release && cpack -G DEB -B "$out" >/dev/null)
package=$(echo "$out"/sqd_*.deb)

fail() { echo "package: $*" >&2; exit 1; }
contents=$(dpkg-deb -c "$package" | awk '{print $6}')
for file in bin/sqd lib/systemd/system/sqd@.service share/doc/sqd/{runbook.md,config.md,grafana.json,copyright,examples/id13.yaml,examples/id13.poni,examples/python/live_plot.py} \
    share/man/man1/sqd.1.gz share/bash-completion/completions/sqd share/zsh/vendor-completions/_sqd share/fish/vendor_completions.d/sqd.fish \
    lib/python3/dist-packages/sqd_client.py; do
    grep -qxF "./usr/$file" <<<"$contents" || fail "$file is missing"
done
depends=$(dpkg-deb -f "$package" Depends)
for library in libc6 libzmq5 libhdf5 libyaml-cpp libcairo2 adduser; do
    grep -q "$library" <<<"$depends" || fail "no dependency on $library: $depends"
done
root=$(mktemp -d -t sqd-package-XXXXXX)
trap 'rm -rf "$root"' EXIT
dpkg-deb --extract "$package" "$root"
dpkg-deb --control "$package" "$root/DEBIAN"
for script in postinst prerm postrm; do sh -n "$root/DEBIAN/$script" || fail "$script is no shell script"; done
"$root/usr/bin/sqd" version | head -1
gzip -dc "$root/usr/share/man/man1/sqd.1.gz" | cmp - <("$root/usr/bin/sqd" manual) || fail "the manual page is not this program's"
cmp "$root/usr/share/bash-completion/completions/sqd" <("$root/usr/bin/sqd" completion bash) || fail "the completion is not this program's"
for station in "$root"/usr/share/doc/sqd/examples/*.yaml; do "$root/usr/bin/sqd" check "$station" >/dev/null || fail "$station is refused"; done

if [ -n "$chroot_too" ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
        echo "package: SKIPPED the fresh Debian (root and debootstrap are needed)"
    else
        mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p; s/^URIs: *//p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1) || true
        debootstrap --variant=minbase bookworm "$root/debian" ${mirror:+"$mirror"} >"$out/debootstrap.log" 2>&1 ||
            fail "debootstrap failed, see $out/debootstrap.log"
        cp "$package" "$root/debian/tmp/sqd.deb"
        cp /etc/resolv.conf "$root/debian/etc/" 2>/dev/null || true
        cp /etc/apt/apt.conf.d/* "$root/debian/etc/apt/apt.conf.d/" 2>/dev/null || true
        chroot "$root/debian" sh -ec 'apt-get update -q && apt-get install -qy --no-install-recommends /tmp/sqd.deb' >"$out/install.log" 2>&1 || fail "it does not install, see $out/install.log"
        chroot "$root/debian" sh -ec 'sqd version | head -1; id sqd; sqd check /usr/share/doc/sqd/examples/id13.yaml >/dev/null; apt-get remove -qy sqd >/dev/null 2>&1; [ ! -e /usr/bin/sqd ]; id sqd >/dev/null'
        echo "package: installed, tried and removed in a fresh Debian 12"
    fi
fi
echo "package: $package ($(du -h "$package" | cut -f1)), depends on $depends"
