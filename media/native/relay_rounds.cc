// What the relay's thread does: the code that runs for every packet.
#include <sys/epoll.h>
#include <time.h>

#include <cerrno>
#include <cstdlib>

#include "relay_thread.h"

namespace zonebridge {
namespace {

int64_t MonotonicMs() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1000000;
}

}  // namespace

size_t DatagramSlots::Receive(int descriptor, size_t first, size_t count) {
  for (size_t slot = first; slot < first + count; slot++) {
    parts_[slot] = {bytes_[slot].data, kMaxDatagramBytes};
    addresses_[slot] = UdpAddress();
    messages_[slot] = {};
    msghdr& header = messages_[slot].msg_hdr;
    header.msg_name = &addresses_[slot].any;
    header.msg_namelen = sizeof(addresses_[slot]);
    header.msg_iov = &parts_[slot];
    header.msg_iovlen = 1;
  }
  // An error is of an earlier datagram, or says that nothing is there: a later round looks again.
  const int got = recvmmsg(descriptor, messages_.data() + first, static_cast<unsigned>(count), MSG_DONTWAIT, nullptr);
  return got < 0 ? 0 : static_cast<size_t>(got);
}

void* RelayThread::Enter(void* self) {
  static_cast<RelayThread*>(self)->Run();
  return nullptr;
}

void RelayThread::Run() {
  std::array<epoll_event, kEventsPerRound> events;
  const timespec gathering = {0, options_.gatherMicroseconds * 1000L};
  while (true) {
    const int count = epoll_wait(epoll_, events.data(), kEventsPerRound, -1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) std::abort();  // our own descriptor is broken: nothing here can mend it
    bool more = count == kEventsPerRound;
    {
      RelayLock lock(mutex);
      if (stopping_) return;
      nowMs_ = MonotonicMs();
      forwarded_ = 0;
      for (int i = 0; i < count; i++) {
        const uint64_t tag = events[static_cast<size_t>(i)].data.u64;
        const size_t first = static_cast<size_t>(i) * kDatagramsPerPhone;
        more = (tag == kLoopbackTag ? FromWorker() : FromPhone(tag, first)) || more;
      }
      Forward();
    }
    if (!more && gathering.tv_nsec > 0) nanosleep(&gathering, nullptr);
  }
}

/** True when there may be more to read. */
bool RelayThread::FromPhone(uint64_t tag, size_t first) {
  RelayLeg* leg = Find(static_cast<uint32_t>(tag >> 1));
  if (leg == nullptr) return false;
  const RelayPort port = (tag & 1) == 0 ? RelayPort::kRtp : RelayPort::kRtcp;
  const size_t got = phoneSlots_.Receive(leg->descriptor(port), first, kDatagramsPerPhone);
  for (size_t slot = first; slot < first + got; slot++) {
    Packet packet = phoneSlots_.packet(slot);
    if (!phoneSlots_.whole(slot)) {
      leg->counters.foreign++;
      continue;
    }
    if (!leg->FromPhone(packet, port, phoneSlots_.source(slot), nowMs_)) continue;
    if (leg->IsNoticeDue(packet, nowMs_)) notice_(context_, leg->id, SsrcOf(packet), PayloadTypeOf(packet));
    if (leg->workerPort == 0) continue;
    forwardParts_[forwarded_] = {packet.data, packet.length};
    forwardTo_[forwarded_] = UdpAddress::Loopback(leg->workerPort);
    forwarded_++;
  }
  return got == kDatagramsPerPhone;
}

/** To the worker, all that this round brought. What the system does not take is lost like any datagram. */
void RelayThread::Forward() {
  for (size_t i = 0; i < forwarded_; i++) {
    forward_[i] = {};
    msghdr& header = forward_[i].msg_hdr;
    header.msg_name = &forwardTo_[i].any;
    header.msg_namelen = forwardTo_[i].length();
    header.msg_iov = &forwardParts_[i];
    header.msg_iovlen = 1;
  }
  size_t sent = 0;
  while (sent < forwarded_) {
    const int taken =
        sendmmsg(loopback_, forward_.data() + sent, static_cast<unsigned>(forwarded_ - sent), MSG_DONTWAIT);
    sent += taken > 0 ? static_cast<size_t>(taken) : 1;
  }
}

/** True when there may be more to read. */
bool RelayThread::FromWorker() {
  const size_t got = workerSlots_.Receive(loopback_, 0, DatagramSlots::kSlots);
  const in_addr_t ourselves = htonl(INADDR_LOOPBACK);
  for (size_t slot = 0; slot < got; slot++) {
    const UdpAddress& source = workerSlots_.source(slot);
    const auto found = byWorkerPort_.find(source.port());
    if (found == byWorkerPort_.end() || source.v4.sin_addr.s_addr != ourselves) continue;
    RelayLeg& leg = *found->second;
    Packet packet = workerSlots_.packet(slot);
    RelayLeg::Way way;
    const bool sent = workerSlots_.whole(slot) && leg.ToPhone(packet, &way) &&
                      sendto(way.descriptor, packet.data, packet.length, MSG_DONTWAIT, &way.to.any,
                             way.to.length()) >= 0;
    (sent ? leg.counters.sent : leg.counters.unsent)++;
  }
  return got == DatagramSlots::kSlots;
}

}  // namespace zonebridge
