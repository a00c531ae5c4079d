#!/bin/sh
# Installs the Debian packages that `make demo`, `make check` or `make fuzz` needs and that are missing.  Usage: setup.sh demo|check|check-all|fuzz
# Prints the line it runs; NO_INSTALL=1 prints it only. Elsewhere than on Debian it says what is wanted and goes on.
set -eu

packages="gcc libc6-dev libxxhash-dev gzip bzip2 xz-utils zstd"
if [ "$1" = fuzz ]; then
	packages="$packages clang libclang-rt-dev llvm"
fi
if [ "$1" = check ] || [ "$1" = check-all ]; then
	packages="$packages binutils g++ man-db fish zsh clang libclang-rt-dev clang-tidy cppcheck shellcheck python3 python3-regex python3-numpy python3-xxhash valgrind pkg-config libopenblas-dev libjansson-dev"
	# the other architectures run under qemu; these cross compilers exist on amd64
	if [ "$(dpkg --print-architecture 2>/dev/null || true)" = amd64 ]; then
		packages="$packages qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross"
		[ "$1" = check ] || packages="$packages gcc-riscv64-linux-gnu libc6-dev-riscv64-cross"
	fi
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "setup: not a Debian system; these packages (by their Debian names) are wanted: $packages"
	exit 0
fi

missing=
for package in $packages; do
	status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
	[ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "setup: ${sudo:+$sudo }apt-get install --no-install-recommends$missing"
if [ "${NO_INSTALL:-0}" = 1 ]; then
	echo "setup: NO_INSTALL=1: not run"
	exit 0
fi
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
	echo "setup: neither root nor sudo; run that line as root, or set NO_INSTALL=1" >&2
	exit 1
fi
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive sh -c "apt-get -q update && apt-get -q -y install --no-install-recommends $missing" \
	>setup.log 2>&1 || { tail -20 setup.log >&2; echo "setup: the line above failed; see setup.log" >&2; exit 1; }
rm -f setup.log
