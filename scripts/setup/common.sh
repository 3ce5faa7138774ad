# Sourced by scripts/setup.sh and its steps, which run with the checkout as working directory.
# All output is progress or errors, so it goes to stderr: stdout belongs to the program that starts after the set-up.
# shellcheck shell=sh
# shellcheck disable=SC2034 # used by the scripts that source this file

# What is built lives under a hash of all that went into it, so checkouts share it and a branch switch costs nothing.
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/zonebridge
if ! mkdir -p "$cache" 2>/dev/null; then cache=$PWD/build/cache; fi

node=node_modules/node/bin/node
own_worker=$PWD/build/mediasoup-worker
worker=${MEDIASOUP_WORKER_BIN:-$own_worker}
addon=build/zonebridge.node
page=build/web
prompts=build/prompts

say() { printf 'setup: %s\n' "$*" >&2; }

# fail WHAT HOW-TO-MEND...: one line each.
fail() {
	say "FAILED: $1"
	shift
	for line; do printf '       %s\n' "$line" >&2; done
	exit 1
}

# content_hash TEXT PATH...: one hash over TEXT and over the names and contents of all files at and below the PATHs.
content_hash() {
	hashed_text=$1
	shift
	{
		printf '%s\n' "$hashed_text"
		find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
	} | sha256sum | cut -c 1-40
}

# What a compiled file depends on besides its sources: the release whose libraries it links, and the processor.
platform() { (
	# shellcheck disable=SC1091
	. /etc/os-release
	echo "${ID:-linux} ${VERSION_ID:-rolling} $(uname -m)"
); }

package_version() { "$node" -p "require('./node_modules/$1/package.json').version"; }

# obtain OUTPUT KEY COMMAND...: puts what COMMAND makes at OUTPUT, from the cache when KEY was made before.
# COMMAND gets one more argument, the path to write. Runs that want the same KEY wait for one another.
obtain() {
	output=$1
	key=$2
	shift 2
	record=build/log/$(basename "$output").key
	if [ -e "$output" ] && [ "$(cat "$record" 2>/dev/null)" = "$key" ]; then return; fi
	stored=$cache/$key/$(basename "$output")
	exec 8>"$cache/$key.lock"
	flock 8
	if [ ! -e "$stored" ]; then (
		mkdir -p "$cache/$key"
		partial=$(mktemp -d "$cache/$key/partial.XXXXXX")
		trap 'rm -rf "$partial"' EXIT
		"$@" "$partial/made"
		mv "$partial/made" "$stored"
	); fi
	flock -u 8
	# A copy in the checkout, since a zone's process runs under a user id that cannot read root's home. It is put in
	# place by renaming: a running server keeps the file it has mapped.
	rm -rf "$output.new" "$output.old"
	cp -R "$stored" "$output.new"
	if [ -e "$output" ]; then mv "$output" "$output.old"; fi
	mv "$output.new" "$output"
	rm -rf "$output.old"
	printf '%s\n' "$key" >"$record"
}
