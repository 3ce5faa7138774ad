#pragma once

#include <srtp2/srtp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "rtp_packet.h"

namespace zonebridge {

enum class SrtpSuite { kAeadAes256Gcm, kAesCm128HmacSha1_80 };
constexpr size_t kSrtpSuites = 2;
enum class SrtpDirection { kSend, kReceive };

/** Bytes that sealing may add: tag and SRTCP index. */
constexpr size_t kSrtpRoomBytes = SRTP_MAX_TRAILER_LEN + 4;

/** Key and salt together, as in SDES (RFC 4568 §6.1). */
size_t SrtpMasterBytes(SrtpSuite suite);

/** Once in a process, before anything else here; says whether libsrtp works. Any thread may ask. */
bool InitializeSrtp();

struct SrtpLimits {
  /** How far behind the newest packet one may still come. */
  size_t replayWindowPackets;
  /** A far end that makes up SSRCs without end must not fill our memory: the one unused for longest is forgotten. */
  size_t maxStreams;
};

/**
 * One direction under one master key (RFC 3711), with the roll-over counters and replay windows of its streams. Making
 * the same key's session twice would repeat its key stream, so it must be kept for as long as the key is used.
 */
class SrtpSession {
 public:
  /** Null when libsrtp refuses. `master` has SrtpMasterBytes(suite) bytes. */
  static std::unique_ptr<SrtpSession> Create(SrtpSuite suite, SrtpDirection direction, const uint8_t* master,
                                             const SrtpLimits& limits);
  ~SrtpSession();
  SrtpSession(const SrtpSession&) = delete;
  SrtpSession& operator=(const SrtpSession&) = delete;

  bool HasMaster(const uint8_t* master) const;

  /** False: the packet cannot be sent. The kind must be KindOf() this packet; kSrtpRoomBytes are behind it. */
  bool Protect(Packet& packet, PacketKind kind);

  /**
   * False: forged, replayed or malformed. `newest` becomes whether no later one of its stream came before: a packet
   * that was overtaken says nothing about where its sender is now.
   */
  bool Unprotect(Packet& packet, PacketKind kind, bool* newest);

 private:
  struct Stream {
    uint32_t ssrc = 0;
    uint64_t usedAt = 0;
    int64_t rtpSequence = -1;
    int64_t rtcpIndex = -1;
  };

  SrtpSession(SrtpSuite suite, size_t maxStreams) : suite_(suite), maxStreams_(maxStreams) {}
  Stream& Use(uint32_t ssrc);
  bool IsLongEnough(const Packet& packet, PacketKind kind) const;
  uint32_t RtcpIndexOf(const Packet& packet) const;

  SrtpSuite suite_;
  size_t maxStreams_;
  std::array<uint8_t, SRTP_MAX_KEY_LEN> master_ = {};
  srtp_t session_ = nullptr;
  uint64_t uses_ = 0;
  std::vector<Stream> streams_;
};

}  // namespace zonebridge
