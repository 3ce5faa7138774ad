#!/bin/sh
# Sets the checkout up, then becomes Node 24 running FILE, a path in the checkout:
#   scripts/with-setup.sh [--dev] FILE [ARGUMENT...]
# exec, so that signals reach the program and its exit code is the answer.
set -eu
root=$(dirname "$(readlink -f "$0")")/..
root=$(cd "$root" && pwd)

if [ "$1" = --dev ]; then
	shift
	"$root/scripts/setup.sh" --dev
else
	"$root/scripts/setup.sh"
fi
file=$1
shift
MEDIASOUP_WORKER_BIN=${MEDIASOUP_WORKER_BIN:-$root/build/mediasoup-worker}
# haproxy of the tests is in /usr/sbin, which a normal user does not have in PATH.
PATH=$root/node_modules/node/bin:$PATH:/usr/sbin
export MEDIASOUP_WORKER_BIN PATH
exec "$root/node_modules/node/bin/node" "$root/$file" "$@"
