# Sourced by scripts/setup.sh: which Debian packages are needed, and how they get onto the machine.
# shellcheck shell=sh
# shellcheck disable=SC2034

# openssl makes the test CA of the first start; the other tools compile the native addon.
tool_packages='g++ make pkg-config openssl'
addon_packages='libopus-dev libavcodec-dev libavutil-dev libvpx-dev libopenh264-dev libyuv-dev libpango1.0-dev libcairo2-dev libsrtp2-dev nettle-dev'
# For names on the picture: Noto has most scripts, WenQuanYi the Chinese, Japanese and Korean ones, Symbola emoji.
font_packages='fonts-dejavu-core fonts-noto-core fonts-wqy-microhei fonts-symbola'
# Says the prompts that phones hear.
speech_packages='espeak-ng'
runtime_packages="$tool_packages $addon_packages $font_packages $speech_packages"
# Only where mediasoup's worker cannot be downloaded: the libraries it links, as scripts/mediasoup-worker/build.sh says.
worker_packages='flatbuffers-compiler libflatbuffers-dev libssl-dev libuv1-dev libsrtp2-dev libabsl-dev'
# Phones, browser, load generator, balancer and measuring tools of the tests. baresip-ffmpeg has its H.264 and its test camera.
dev_packages='baresip-core baresip-ffmpeg chromium sox sip-tester haproxy iproute2 age postgresql'

# missing_packages NAME...: those that are not installed, on one line.
missing_packages() {
	if ! command -v dpkg-query >/dev/null; then return; fi
	# dpkg-query fails when it knows one of the names not at all, and still lists the others.
	installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
	for package; do
		case "
$installed
" in
		*"
$package installed
"*) ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

# may_install NAME...: fails with what to do when this user cannot install packages. Runs in the foreground, before
# any other step, since sudo may ask for a password.
may_install() {
	if [ "$(id -u)" = 0 ]; then return; fi
	if command -v sudo >/dev/null; then
		if sudo -n true 2>/dev/null; then return; fi
		if [ -t 0 ] && [ -t 2 ]; then
			say "some Debian packages are missing ($*); sudo is needed to install them"
			if sudo -v; then return; fi
		fi
	fi
	fail "these Debian packages are missing, and this user may not install them: $*" \
		'Run this once as root, then start again:' \
		"  apt-get update && apt-get install -y --no-install-recommends $*"
}

# install_packages NAME...
install_packages() {
	as_root=
	if [ "$(id -u)" != 0 ]; then as_root='sudo -n'; fi
	# Lists may be held by another apt for a moment, or one of several mirrors be away: installing is what decides.
	$as_root apt-get -q update || { sleep 5 && $as_root apt-get -q update; } || true
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=600 \
		install "$@"
}
