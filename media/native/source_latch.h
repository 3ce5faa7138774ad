#pragma once

#include <cstdint>

#include "udp_address.h"

namespace zonebridge {

/** The rules of media/transport/relay/sourceLatch.ts, which says why. */
class SourceLatch {
 public:
  /** Negative before anything was accepted. */
  int64_t heardMs() const { return heardMs_; }

  /** Not known() while nothing is. */
  const UdpAddress& destination() const { return latched_.known() ? latched_ : described_; }

  void Describe(const UdpAddress& address) {
    if (described_.known() && described_ != address) latched_ = UdpAddress();
    described_ = address;
  }

  bool Accept(const UdpAddress& source, bool authenticated, int64_t nowMs, int64_t silenceMs) {
    if (latched_ != source) {
      if (latched_.known() && !authenticated && nowMs - heardMs_ < silenceMs) return false;
      latched_ = source;
    }
    heardMs_ = nowMs;
    return true;
  }

 private:
  UdpAddress described_;
  UdpAddress latched_;
  int64_t heardMs_ = -1;
};

}  // namespace zonebridge
