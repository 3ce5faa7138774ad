#!/bin/sh
# Compiles the addon: media/native/build.sh OUTPUT_FILE, from any working directory.
# Needs g++, pkg-config, the -dev packages that scripts/setup/debian-packages.sh lists, and the npm packages node-api-headers
# and node-addon-api. OUTPUT_FILE appears whole or not at all.
set -eu

if [ $# -ne 1 ]; then
	echo "usage: $0 OUTPUT_FILE" >&2
	exit 2
fi
case $1 in
/*) output=$1 ;;
*) output=$PWD/$1 ;;
esac
cd "$(dirname "$0")"
modules=../../node_modules
libraries='opus libavcodec libavutil vpx openh264 pangocairo libsrtp2 nettle'

mkdir -p "$(dirname "$output")"
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT

# NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS: while a worker thread is being terminated nothing can be thrown in it; without
# this, node-addon-api would abort the whole process then.
# Foreign headers count as system headers: -Werror is for our own lines.
flags="-O2 -std=c++17 -fPIC -Wall -Wextra -Werror -fvisibility=hidden -fno-exceptions
	-DNAPI_VERSION=8 -DNAPI_DISABLE_CPP_EXCEPTIONS
	-DNODE_ADDON_API_DISABLE_DEPRECATED -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
	-isystem $modules/node-api-headers/include -isystem $modules/node-addon-api
	$(pkg-config --cflags $libraries)"

# shellcheck disable=SC2086
ls ./*.cc | xargs -P "$(nproc)" -I '{}' g++ $flags -c '{}' -o "$work/{}.o"
# nodelete: when the last worker thread that loaded the addon ends, node unloads it; GLib keeps things for each thread that
# are freed by its code after that. libyuv has no pkg-config file.
# shellcheck disable=SC2046
g++ -shared -Wl,-z,relro,-z,now,-z,nodelete -o "$work/addon.node" "$work"/*.o $(pkg-config --libs $libraries) -lyuv
mv "$work/addon.node" "$output"
