#include "relay_thread.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace zonebridge {
namespace {

uint64_t TagOf(uint32_t leg, RelayPort port) { return uint64_t{leg} << 1 | (port == RelayPort::kRtcp ? 1 : 0); }

}  // namespace

int RelayThread::Start(Notice notice, void* context) {
  notice_ = notice;
  context_ = context;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return errno;
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0 || Watch(wake_, kWakeTag) != 0) return errno;
  UdpAddress bound = UdpAddress::Loopback(0);
  loopback_ = Bind(bound);
  if (loopback_ < 0 || Watch(loopback_, kLoopbackTag) != 0) return errno;
  socklen_t length = sizeof(bound);
  if (getsockname(loopback_, &bound.any, &length) != 0) return errno;
  loopbackPort_ = bound.port();
  // The process's signals are for its main thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failed = pthread_create(&thread_, nullptr, Enter, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  running_ = failed == 0;
  if (running_) pthread_setname_np(thread_, "rtp-relay");
  return failed;
}

void RelayThread::Stop() {
  if (running_) {
    {
      RelayLock lock(mutex);
      stopping_ = true;
    }
    const uint64_t one = 1;
    // A full counter wakes as well.
    if (write(wake_, &one, sizeof(one)) < 0 && errno != EAGAIN) std::abort();
    pthread_join(thread_, nullptr);
    running_ = false;
  }
  byWorkerPort_.clear();
  legs_.clear();
  for (int* descriptor : {&loopback_, &wake_, &epoll_}) {
    if (*descriptor >= 0) ::close(*descriptor);
    *descriptor = -1;
  }
}

int RelayThread::Open(uint16_t port, uint32_t* leg) {
  UdpAddress address = options_.address;
  (address.family() == AF_INET ? address.v4.sin_port : address.v6.sin6_port) = htons(port);
  const int rtp = Bind(address);
  if (rtp < 0) return errno;
  (address.family() == AF_INET ? address.v4.sin_port : address.v6.sin6_port) = htons(static_cast<uint16_t>(port + 1));
  const int rtcp = Bind(address);
  if (rtcp < 0) {
    const int number = errno;
    ::close(rtp);
    return number;
  }
  RelayLock lock(mutex);
  if (legs_.size() >= options_.maxLegs) return ::close(rtp), ::close(rtcp), EMFILE;
  // A number is not used twice while it may still stand in an event of this round.
  do lastLeg_++;
  while (lastLeg_ == 0 || legs_.count(lastLeg_) != 0);
  auto opened = std::make_unique<RelayLeg>(lastLeg_, rtp, rtcp, options_.limits);
  if (Watch(rtp, TagOf(lastLeg_, RelayPort::kRtp)) != 0 || Watch(rtcp, TagOf(lastLeg_, RelayPort::kRtcp)) != 0)
    return errno;
  legs_.emplace(lastLeg_, std::move(opened));
  *leg = lastLeg_;
  return 0;
}

void RelayThread::Close(uint32_t id) {
  RelayLock lock(mutex);
  RelayLeg* leg = Find(id);
  if (leg == nullptr) return;
  SetWorkerPort(*leg, 0);
  // Closing alone would not do it while a child process that is just being started has copies.
  for (RelayPort port : {RelayPort::kRtp, RelayPort::kRtcp})
    epoll_ctl(epoll_, EPOLL_CTL_DEL, leg->descriptor(port), nullptr);
  legs_.erase(id);
}

RelayLeg* RelayThread::Find(uint32_t leg) {
  const auto found = legs_.find(leg);
  return found == legs_.end() ? nullptr : found->second.get();
}

void RelayThread::SetWorkerPort(RelayLeg& leg, uint16_t port) {
  const auto before = byWorkerPort_.find(leg.workerPort);
  if (before != byWorkerPort_.end() && before->second == &leg) byWorkerPort_.erase(before);
  leg.workerPort = port;
  if (port == 0) return;
  // The worker gives one port to one transport: whoever had it before has lost his.
  RelayLeg*& owner = byWorkerPort_[port];
  if (owner != nullptr) owner->workerPort = 0;
  owner = &leg;
}

/** A non-blocking socket, or -1 and errno. */
int RelayThread::Bind(const UdpAddress& address) const {
  const int descriptor = socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int bytes = options_.receiveBufferBytes;
  if ((bytes == 0 || setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == 0) &&
      bind(descriptor, &address.any, address.length()) == 0)
    return descriptor;
  const int number = errno;
  ::close(descriptor);
  errno = number;
  return -1;
}

int RelayThread::Watch(int descriptor, uint64_t tag) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace zonebridge
