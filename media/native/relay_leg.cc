#include "relay_leg.h"

#include <unistd.h>

#include <algorithm>

namespace zonebridge {

RelayLeg::~RelayLeg() {
  for (const Channel& channel : ways_) ::close(channel.descriptor);
}

int64_t RelayLeg::heardMs() const {
  return std::max(channel(RelayPort::kRtp).latch.heardMs(), channel(RelayPort::kRtcp).latch.heardMs());
}

bool RelayLeg::FromPhone(Packet& packet, RelayPort port, const UdpAddress& source, int64_t nowMs) {
  const PacketKind kind = KindOf(packet);
  if (kind == PacketKind::kForeign) return counters.foreign++, false;
  if (protection_ == Protection::kPending) return counters.rejected++, false;
  const bool authenticated = protection_ == Protection::kSrtp;
  bool newest = true;
  if (authenticated && !keys(suite_).receiver->Unprotect(packet, kind, &newest)) return counters.rejected++, false;
  if (newest && !channel(port).latch.Accept(source, authenticated, nowMs, limits_.silenceMs))
    return counters.stray++, false;
  counters.received++;
  return true;
}

bool RelayLeg::IsNoticeDue(const Packet& packet, int64_t nowMs) {
  if (KindOf(packet) != PacketKind::kRtp) return false;
  const int64_t interval = SsrcOf(packet) == takenSsrc_ ? limits_.confirmMs : limits_.noticeMs;
  if (noticedMs_ >= 0 && nowMs - noticedMs_ < interval) return false;
  noticedMs_ = nowMs;
  return true;
}

bool RelayLeg::ToPhone(Packet& packet, Way* way) {
  const PacketKind kind = KindOf(packet);
  const bool apart = kind == PacketKind::kRtcp && !rtcpMux;
  const Channel& out = channel(apart ? RelayPort::kRtcp : RelayPort::kRtp);
  *way = {out.descriptor, out.latch.destination()};
  if (kind == PacketKind::kForeign || !way->to.known() || protection_ == Protection::kPending) return false;
  // The worker writes its extensions into every packet, also when none was negotiated.
  if (kind == PacketKind::kRtp) StripHeaderExtension(packet);
  return protection_ == Protection::kPlain || keys(suite_).sender->Protect(packet, kind);
}

}  // namespace zonebridge
