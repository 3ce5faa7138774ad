#!/bin/sh
# Puts mediasoup's worker at build/mediasoup-worker.
#   worker.sh find     takes one that is there, cached or to be downloaded; exits with 3 when none is
#   worker.sh build    builds it from the package's sources; see scripts/mediasoup-worker/build.sh for what that needs
set -eu
. scripts/setup/common.sh

package=node_modules/mediasoup/worker
recipe=scripts/mediasoup-worker
source_key=worker-$(content_hash "$(platform)" $package/src $package/include $package/fbs $package/deps \
	$recipe/build.sh $recipe/Makefile $recipe/shim)
prebuilt_key=worker-prebuilt-$(package_version mediasoup)-$(uname -m)-$(uname -r | cut -d . -f 1)

# Started without the environment Node gives it, a worker that can run exits with 41. Another code: libraries are
# missing, or are too old for a prebuilt one.
runs() {
	status=0
	env -i "$own_worker" >/dev/null 2>&1 || status=$?
	[ "$status" = 41 ]
}

find_worker() {
	for key in "$source_key" "$prebuilt_key"; do
		if [ -e "$cache/$key/mediasoup-worker" ]; then
			obtain "$own_worker" "$key"
			if runs; then return; fi
		fi
	done
	if [ -n "${MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD:-}" ]; then exit 3; fi
	partial_dir=$(mktemp -d)
	trap 'rm -rf "$partial_dir"' EXIT
	# Node 24 reads the proxy from the environment and trusts the machine's own certificates only when told to.
	NODE_USE_ENV_PROXY=1 "$node" --use-system-ca $recipe/download.ts "$partial_dir/mediasoup-worker"
	obtain "$own_worker" "$prebuilt_key" cp "$partial_dir/mediasoup-worker"
	if ! runs; then
		rm -rf "${cache:?}/$prebuilt_key"
		exit 3
	fi
}

case $1 in
find) find_worker ;;
build)
	obtain "$own_worker" "$source_key" $recipe/build.sh node_modules/mediasoup
	if ! runs; then
		echo "$own_worker does not start:" >&2
		ldd "$own_worker" >&2
		exit 1
	fi
	;;
esac
