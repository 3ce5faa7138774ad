// Debian's libsrtp2: SRTP and SRTCP in place.
#include "srtp_session.h"

#include <arpa/inet.h>
#include <strings.h>

#include <algorithm>
#include <mutex>

#include "srtp_primitives.h"

namespace zonebridge {
namespace {

size_t TagBytes(SrtpSuite suite) { return suite == SrtpSuite::kAeadAes256Gcm ? 16 : 10; }

void SetCryptoPolicy(SrtpSuite suite, srtp_crypto_policy_t* policy) {
  if (suite == SrtpSuite::kAeadAes256Gcm)
    srtp_crypto_policy_set_aes_gcm_256_16_auth(policy);
  else
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(policy);
}

}  // namespace

size_t SrtpMasterBytes(SrtpSuite suite) {
  return suite == SrtpSuite::kAeadAes256Gcm ? SRTP_AES_GCM_256_KEY_LEN_WSALT : SRTP_AES_ICM_128_KEY_LEN_WSALT;
}

bool InitializeSrtp() {
  static std::once_flag once;
  static bool works = false;
  std::call_once(once, [] { works = srtp_init() == srtp_err_status_ok && UseFastSrtpPrimitives(); });
  return works;
}

std::unique_ptr<SrtpSession> SrtpSession::Create(SrtpSuite suite, SrtpDirection direction, const uint8_t* master,
                                                 const SrtpLimits& limits) {
  std::unique_ptr<SrtpSession> session(new SrtpSession(suite, limits.maxStreams));
  std::copy_n(master, SrtpMasterBytes(suite), session->master_.begin());
  session->streams_.reserve(limits.maxStreams);
  srtp_policy_t policy = {};
  policy.ssrc.type = direction == SrtpDirection::kSend ? ssrc_any_outbound : ssrc_any_inbound;
  SetCryptoPolicy(suite, &policy.rtp);
  SetCryptoPolicy(suite, &policy.rtcp);
  policy.key = session->master_.data();
  policy.window_size = limits.replayWindowPackets;
  if (srtp_create(&session->session_, &policy) != srtp_err_status_ok) return nullptr;
  return session;
}

SrtpSession::~SrtpSession() {
  if (session_ != nullptr) srtp_dealloc(session_);
  explicit_bzero(master_.data(), master_.size());
}

bool SrtpSession::HasMaster(const uint8_t* master) const {
  return std::equal(master, master + SrtpMasterBytes(suite_), master_.begin());
}

bool SrtpSession::Protect(Packet& packet, PacketKind kind) {
  int length = static_cast<int>(packet.length);
  const bool rtcp = kind == PacketKind::kRtcp;
  const uint32_t ssrc = rtcp ? SenderSsrcOf(packet) : SsrcOf(packet);
  const auto status = rtcp ? srtp_protect_rtcp(session_, packet.data, &length)
                           : srtp_protect(session_, packet.data, &length);
  if (status != srtp_err_status_ok) return false;
  packet.length = static_cast<size_t>(length);
  Use(ssrc);
  return true;
}

bool SrtpSession::Unprotect(Packet& packet, PacketKind kind, bool* newest) {
  if (!IsLongEnough(packet, kind)) return false;
  int length = static_cast<int>(packet.length);
  const bool rtcp = kind == PacketKind::kRtcp;
  // Before decrypting, which overwrites it.
  const int64_t rtcpIndex = rtcp ? RtcpIndexOf(packet) : -1;
  const auto status = rtcp ? srtp_unprotect_rtcp(session_, packet.data, &length)
                           : srtp_unprotect(session_, packet.data, &length);
  if (status != srtp_err_status_ok) return false;
  packet.length = static_cast<size_t>(length);
  Stream& stream = Use(rtcp ? SenderSsrcOf(packet) : SsrcOf(packet));
  if (rtcp) {
    *newest = rtcpIndex > stream.rtcpIndex;
    if (*newest) stream.rtcpIndex = rtcpIndex;
  } else {
    const uint16_t sequence = SequenceOf(packet);
    *newest = stream.rtpSequence < 0 || static_cast<int16_t>(sequence - stream.rtpSequence) > 0;
    if (*newest) stream.rtpSequence = sequence;
  }
  return true;
}

/** The record of a stream that libsrtp knows by now. */
SrtpSession::Stream& SrtpSession::Use(uint32_t ssrc) {
  uses_++;
  auto stream = std::find_if(streams_.begin(), streams_.end(), [&](const Stream& each) { return each.ssrc == ssrc; });
  if (stream == streams_.end()) {
    if (streams_.size() == maxStreams_) {
      const auto oldest = std::min_element(streams_.begin(), streams_.end(), [](const Stream& one, const Stream& other) {
        return one.usedAt < other.usedAt;
      });
      srtp_remove_stream(session_, htonl(oldest->ssrc));
      *oldest = streams_.back();
      streams_.pop_back();
    }
    streams_.emplace_back();
    stream = std::prev(streams_.end());
    stream->ssrc = ssrc;
  }
  stream->usedAt = uses_;
  return *stream;
}

bool SrtpSession::IsLongEnough(const Packet& packet, PacketKind kind) const {
  if (kind == PacketKind::kRtcp) return packet.length >= kRtcpFixedHeaderBytes + 4 + TagBytes(suite_);
  return packet.length >= RtpHeaderBytes(packet) + TagBytes(suite_);
}

/** The SRTCP index: last with AEAD (RFC 7714 §9.2), else before the tag (RFC 3711 §3.4). */
uint32_t SrtpSession::RtcpIndexOf(const Packet& packet) const {
  const size_t behind = suite_ == SrtpSuite::kAeadAes256Gcm ? 4 : 4 + TagBytes(suite_);
  return ReadUint32(packet.data + packet.length - behind) & 0x7fffffff;
}

}  // namespace zonebridge
