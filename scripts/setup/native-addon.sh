#!/bin/sh
# Compiles media/native into build/zonebridge.node.
set -eu
. scripts/setup/common.sh

headers="$(package_version node-api-headers) $(package_version node-addon-api)"
key=addon-$(content_hash "$(platform) $headers" media/native/*.cc media/native/*.h media/native/build.sh)
obtain "$addon" "$key" media/native/build.sh
