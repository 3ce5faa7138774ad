#!/bin/sh
# Makes this checkout ready to run: Debian packages, npm packages with Node 24, mediasoup's worker, the native addon, the
# browser page and the spoken prompts. Does only what is missing, so a second run takes a fraction of a second and says nothing.
#
#   scripts/setup.sh [--dev]      --dev also installs what the tests need
#
# Needs Debian 12 (or a release close to it) with npm; everything else it installs.
set -eu
umask 022 # a zone's process runs under its own user id and must be able to read what is made here
cd "$(dirname "$(readlink -f "$0")")/.."
. scripts/setup/common.sh
. scripts/setup/debian-packages.sh

dev=
if [ "${1:-}" = --dev ]; then dev=1; fi
stamp=build/log/ready

# One hash over every file that any step reads.
inputs() {
	content_hash "$(platform)" package-lock.json scripts/setup.sh scripts/setup scripts/mediasoup-worker \
		media/native web signaling/web/protocol.ts zones/prompts
}

# shellcheck disable=SC2086 # the lists are words
missing() { missing_packages $runtime_packages ${dev:+$dev_packages}; }

is_ready() {
	[ "$(cat $stamp 2>/dev/null)" = "$(inputs)" ] && [ -x "$node" ] && [ -x "$worker" ] && [ -e "$addon" ] &&
		[ -e "$page/index.html" ] && [ -e "$prompts" ] && [ -z "$(missing)" ]
}

running=

# begin STEP TEXT COMMAND...: starts COMMAND in the background, with its output in build/log/STEP.log.
begin() {
	step=$1
	say "$2"
	shift 2
	"$@" >"build/log/$step.log" 2>&1 &
	eval "pid_$step=$! began_$step=$(date +%s)"
	running="$running $step"
}

# finish STEP...: until these have ended. Reports every step that ends meanwhile; the first that failed ends the set-up.
finish() {
	while :; do
		unfinished=
		for step in $running; do
			eval "pid=\$pid_$step"
			if kill -0 "$pid" 2>/dev/null; then
				case " $* " in *" $step "*) unfinished=1 ;; esac
			else
				report "$step"
			fi
		done
		if [ -z "$unfinished" ]; then return; fi
		show_worker_progress
		sleep 0.3
	done
}

# report STEP: says how it ended; of one that failed the last lines it wrote.
report() {
	eval "pid=\$pid_$1 began=\$began_$1"
	running=$(echo " $running " | sed "s/ $1 / /")
	status=0
	wait "$pid" || status=$?
	if [ "$status" != 0 ]; then
		tail -n 25 "build/log/$1.log" >&2
		fail "$1 (exit code $status); above are the last lines of build/log/$1.log" "$(remedy "$1")"
	fi
	say "$1 done in $(($(date +%s) - began)) s"
}

remedy() {
	case $1 in
	packages*) echo 'See whether apt-get update and apt-get install work by themselves on this machine; then start again.' ;;
	npm) echo 'See whether npm reaches its registry (npm ping); then start again.' ;;
	worker) echo 'Start again; if it fails again, report it with that file. MEDIASOUP_WORKER_BIN=FILE uses a worker of your own.' ;;
	*) echo 'Start again; if it fails again, report it with that file.' ;;
	esac
}

worker_percent=0
show_worker_progress() {
	case "$running " in *' worker '*) ;; *) return ;; esac
	total=$(sed -n 's/^files: //p' build/log/worker.log)
	percent=$(($(grep -c '^compiled' build/log/worker.log || true) * 100 / ${total:-1}))
	if [ "$percent" -ge $((worker_percent + 20)) ]; then
		worker_percent=$((percent / 20 * 20))
		say "worker: $worker_percent % compiled"
	fi
}

# What is still running when the set-up ends early. Steps that compile are in sessions of their own, so that all of
# their children can be ended. apt is let finish, since dpkg should not be stopped half way.
end_steps() {
	for step in $running; do
		case $step in packages*) continue ;; esac
		eval "pid=\$pid_$step"
		kill -s TERM -- "-$pid" 2>/dev/null || true
	done
}

find_worker() {
	if [ "$worker" != "$own_worker" ]; then
		if [ -x "$worker" ]; then return; fi
		fail "MEDIASOUP_WORKER_BIN names $worker, which is no program" 'Mend it, or unset it to use a worker of the set-up.'
	fi
	found=0
	scripts/setup/worker.sh find >build/log/worker.log 2>&1 || found=$?
	if [ "$found" = 0 ]; then return; fi
	if [ "$found" != 3 ]; then
		tail -n 25 build/log/worker.log >&2
		fail "looking for mediasoup's worker (exit code $found); above are the last lines of build/log/worker.log" "$(remedy worker)"
	fi
	finish packages
	# shellcheck disable=SC2086
	add_packages packages_for_worker "$(missing_packages $worker_packages)"
	begin worker "mediasoup's worker: no prebuilt one to be had, compiling it (about 3 minutes on 2 cores) ..." \
		setsid scripts/setup/worker.sh build
}

# add_packages STEP "NAME..."
add_packages() {
	# shellcheck disable=SC2086
	if [ -n "$2" ]; then
		begin "$1" "Debian packages: $2..." install_packages $2
		finish "$1"
	fi
}

set_up() {
	found_inputs=$(inputs) # as they are now: what is edited while a step reads it is seen as changed by the next run
	# shellcheck disable=SC2086
	lacking=$(missing_packages $runtime_packages)
	if [ -n "$(missing)" ]; then
		also=
		# Said in one go to a user who has to ask somebody else to install things.
		if [ ! -x "$worker" ]; then also=$worker_packages; fi
		# shellcheck disable=SC2046,SC2086
		may_install $(missing_packages $runtime_packages ${dev:+$dev_packages} $also)
	fi
	command -v npm >/dev/null || fail 'npm is missing' 'As root: apt-get install -y --no-install-recommends npm'

	# shellcheck disable=SC2086
	if [ -n "$lacking" ]; then begin packages "Debian packages: $lacking..." install_packages $lacking; fi
	begin npm 'npm packages and Node 24 ...' setsid scripts/setup/npm-packages.sh
	finish npm
	begin page 'browser page ...' setsid scripts/setup/web-page.sh
	find_worker
	finish packages
	begin prompts 'spoken prompts ...' setsid scripts/setup/prompts.sh
	begin addon 'native addon ...' setsid scripts/setup/native-addon.sh
	# shellcheck disable=SC2086
	if [ -n "$dev" ]; then add_packages packages_for_tests "$(missing_packages $dev_packages)"; fi
	finish page prompts addon worker
	echo "$found_inputs" >$stamp
}

if is_ready; then exit 0; fi
began_all=$(date +%s)
{ mkdir -p build/log 2>/dev/null && [ -w build/log ]; } ||
	fail "this user cannot write to $PWD" "Run $PWD/scripts/setup.sh once as the user who owns the checkout."
exec 9>build/log/lock
if ! flock -n 9; then
	say 'another set-up of this checkout is running; waiting for it'
	flock 9
	if is_ready; then exit 0; fi
fi
trap end_steps EXIT
trap 'say "stopped"; exit 130' INT
trap 'exit 143' TERM HUP
set_up
say "ready in $(($(date +%s) - began_all)) s"
