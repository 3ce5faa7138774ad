#!/bin/sh
# Speaks the prompts for callers into build/prompts.
set -eu
. scripts/setup/common.sh

make_prompts() { "$node" zones/prompts/makePrompts.ts "$1"; }

key=prompts-$(content_hash "$(platform)" zones/prompts)
obtain "$prompts" "$key" make_prompts
