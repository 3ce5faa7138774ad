#!/bin/sh
# Builds mediasoup's worker from the sources inside the npm package `mediasoup`, against Debian's libraries.
#
#   build.sh PACKAGE_DIR OUTPUT_FILE
#
# The package's own build fetches meson, OpenSSL, libuv, libsrtp, abseil and flatbuffers from the internet. This one is
# for machines that cannot, and takes what Debian has; shim/ bridges the few places where Debian's version differs.
# Needs: g++ make pkg-config flatbuffers-compiler libflatbuffers-dev libssl-dev libuv1-dev libsrtp2-dev libabsl-dev
set -eu

here=$(cd "$(dirname "$0")" && pwd)
worker=$(cd "$1/worker" && pwd)
output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The messages between Node and the worker. The field names must be spelled as the sources expect.
mkdir "$work/FBS"
flatc --cpp --cpp-field-case-style lower --reflect-names --scoped-enums --filename-suffix '' \
	-o "$work/FBS" "$worker"/fbs/*.fbs

# One precompiled header halves the time: nearly all files read these same headers, which are most of the work.
{
	echo '#include "bio_callback.h"' # before anything that calls BIO_set_callback_ex()
	echo '#include "common.hpp"'
	for header in ankerl/unordered_dense.h flatbuffers/flatbuffers.h algorithm array cstring deque functional limits \
		list memory optional span sstream string unordered_map utility variant vector; do
		echo "#include <$header>"
	done
	for header in "$work"/FBS/*.h; do echo "#include \"FBS/$(basename "$header")\""; done
} >"$work/all.hpp"

make -C "$work" -f "$here/Makefile" --no-print-directory -j"$(nproc)" SHIM="$here/shim" WORKER="$worker"

# Without the name that main() expects in its environment a worker that can run says so and exits with 41.
status=0
env -i "$work/mediasoup-worker" 2>/dev/null || status=$?
if [ "$status" != 41 ]; then
	echo "the worker was built but does not start (exit code $status)" >&2
	exit 1
fi
mkdir -p "$(dirname "$output")"
mv "$work/mediasoup-worker" "$output"
