#!/bin/sh
# npm start
exec "$(dirname "$(readlink -f "$0")")/with-setup.sh" src/main.ts start "$@"
