#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "rtp_packet.h"
#include "source_latch.h"
#include "srtp_session.h"
#include "udp_address.h"

namespace zonebridge {

/** What the owner decides for all legs. */
struct RelayLimits {
  /** How long the known source must be silent before packets that nothing authenticates may come from another one. */
  int64_t silenceMs = 0;
  /** The owner may be told of another stream than the one it takes this often. */
  int64_t noticeMs = 0;
  /** And of any stream this often, in case that it takes another one meanwhile. */
  int64_t confirmMs = 0;
  SrtpLimits srtp = {};
};

struct RelayCounters {
  /** Passed on to the worker; sent to the far end. */
  uint64_t received = 0;
  uint64_t sent = 0;
  /** Forged, replayed, or under another key. */
  uint64_t rejected = 0;
  /** Neither RTP nor RTCP, malformed, or too long. */
  uint64_t foreign = 0;
  /** Not authenticated, and from elsewhere than what is heard. */
  uint64_t stray = 0;
  /** For the far end, but with no address, no key, or not taken by the system. */
  uint64_t unsent = 0;
};

enum class RelayPort { kRtp, kRtcp };

/** `kPending` drops everything: a far end's key is not known yet. */
enum class Protection { kPending, kPlain, kSrtp };

/** One phone: its two sockets, its keys, its addresses. Decides on each packet; sends none. */
class RelayLeg {
 public:
  struct Keys {
    std::unique_ptr<SrtpSession> sender;
    std::unique_ptr<SrtpSession> receiver;
  };

  struct Way {
    int descriptor = -1;
    UdpAddress to;
  };

  /** Takes both descriptors. */
  RelayLeg(uint32_t id, int rtp, int rtcp, const RelayLimits& limits)
      : id(id), limits_(limits), ways_{Channel{rtp, {}}, Channel{rtcp, {}}} {}
  ~RelayLeg();
  RelayLeg(const RelayLeg&) = delete;
  RelayLeg& operator=(const RelayLeg&) = delete;

  int descriptor(RelayPort port) const { return channel(port).descriptor; }
  Keys& keys(SrtpSuite suite) { return keys_[static_cast<size_t>(suite)]; }
  /** Sessions of both suites are kept, so that a return to one goes on where it was. */
  void SetProtection(Protection protection, SrtpSuite suite) {
    protection_ = protection;
    suite_ = suite;
  }
  void Describe(RelayPort port, const UdpAddress& address) { channel(port).latch.Describe(address); }
  void TakeStream(int64_t ssrc) { takenSsrc_ = ssrc; }
  /** Negative before anything acceptable came. */
  int64_t heardMs() const;

  /** Opens a packet of the far end in place; false drops it. */
  bool FromPhone(Packet& packet, RelayPort port, const UdpAddress& source, int64_t nowMs);
  /** Whether the owner must be told of the opened packet's stream. */
  bool IsNoticeDue(const Packet& packet, int64_t nowMs);
  /** Seals a packet of the worker's in place; false drops it. */
  bool ToPhone(Packet& packet, Way* way);

  const uint32_t id;
  bool rtcpMux = false;
  /** Of the worker's transport on the loopback; 0 while there is none. */
  uint16_t workerPort = 0;
  RelayCounters counters;

 private:
  struct Channel {
    int descriptor;
    SourceLatch latch;
  };

  Channel& channel(RelayPort port) { return ways_[static_cast<size_t>(port)]; }
  const Channel& channel(RelayPort port) const { return ways_[static_cast<size_t>(port)]; }

  const RelayLimits& limits_;
  std::array<Channel, 2> ways_;
  std::array<Keys, kSrtpSuites> keys_;
  Protection protection_ = Protection::kPending;
  SrtpSuite suite_ = SrtpSuite::kAeadAes256Gcm;
  /** -1: none. */
  int64_t takenSsrc_ = -1;
  int64_t noticedMs_ = -1;
};

}  // namespace zonebridge
