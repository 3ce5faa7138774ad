#!/bin/sh
# Builds the browser page from web/ into build/web.
set -eu
. scripts/setup/common.sh

build_page() { "$node" node_modules/vite/bin/vite.js build web --outDir "$1" --emptyOutDir --logLevel warn; }

# The page shares the protocol's file with the server; package-lock.json stands for Vite and the libraries.
key=page-$(content_hash '' web signaling/web/protocol.ts package-lock.json)
obtain "$page" "$key" build_page
