#pragma once

namespace zonebridge {

/**
 * Gives libsrtp our AES and HMAC, after srtp_init(). Debian builds libsrtp with NSS, which allocates and locks for each
 * packet: 17 µs against 2 with Nettle. libsrtp takes a replacement only when it passes its own tests. False: it did not.
 */
bool UseFastSrtpPrimitives();

}  // namespace zonebridge
