#!/bin/sh
# npm test: all of the tests, or with arguments what vitest makes of them, for example
#   npm test -- test/unit/signaling
#   npm test -- --project unit
exec "$(dirname "$(readlink -f "$0")")/with-setup.sh" --dev node_modules/vitest/vitest.mjs run "$@"
