#pragma once

#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "relay_leg.h"

namespace zonebridge {

/** Lets waiting threads in by turns: the relay's own may hold it again and again without a pause. */
class FairMutex {
 public:
  void lock() {
    turn_.lock();
    state_.lock();
    turn_.unlock();
  }
  void unlock() { state_.unlock(); }

 private:
  std::mutex turn_;
  std::mutex state_;
};

using RelayLock = std::lock_guard<FairMutex>;

/** Datagrams as recvmmsg and sendmmsg take them, with room behind each. */
class DatagramSlots {
 public:
  static constexpr size_t kSlots = 64;
  /** An Ethernet frame's worth and more; longer ones are dropped. */
  static constexpr size_t kMaxDatagramBytes = 1800;

  /** Up to `count` datagrams into the slots from `first`; how many. */
  size_t Receive(int descriptor, size_t first, size_t count);
  bool whole(size_t slot) const { return (messages_[slot].msg_hdr.msg_flags & MSG_TRUNC) == 0; }
  Packet packet(size_t slot) { return {bytes_[slot].data, messages_[slot].msg_len}; }
  const UdpAddress& source(size_t slot) const { return addresses_[slot]; }

 private:
  struct alignas(16) Slot {
    uint8_t data[kMaxDatagramBytes + kSrtpRoomBytes];
  };

  std::array<mmsghdr, kSlots> messages_;
  std::array<iovec, kSlots> parts_;
  std::array<UdpAddress, kSlots> addresses_;
  std::array<Slot, kSlots> bytes_;
};

/**
 * Copies packets between phones' sockets and the worker's, in a thread of its own. All members but the thread's buffers
 * are used under `mutex`, which the thread holds for one round of packets (some hundred microseconds at most).
 */
class RelayThread {
 public:
  /** Called in the thread, under the mutex. */
  using Notice = void (*)(void* context, uint32_t leg, uint32_t ssrc, uint8_t payloadType);

  struct Options {
    UdpAddress address;
    int receiveBufferBytes = 0;
    /** How long the thread waits for company after a round of packets, so that it wakes for many at once. */
    int gatherMicroseconds = 0;
    size_t maxLegs = 0;
    RelayLimits limits;
  };

  explicit RelayThread(const Options& options) : options_(options) {}
  ~RelayThread() { Stop(); }

  /** 0, or the system's error number. */
  int Start(Notice notice, void* context);
  /** Returns when no packet can be sent any more; twice is fine. */
  void Stop();

  uint16_t loopbackPort() const { return loopbackPort_; }
  const Options& options() const { return options_; }

  /** Binds the port and the next; 0 or the system's error number. Takes the mutex. */
  int Open(uint16_t port, uint32_t* leg);
  /** Takes the mutex. */
  void Close(uint32_t leg);

  // Under the mutex:
  RelayLeg* Find(uint32_t leg);
  void SetWorkerPort(RelayLeg& leg, uint16_t port);

  FairMutex mutex;

 private:
  // Sockets that are looked at in one round, and datagrams of each: a phone that floods must not keep others waiting.
  static constexpr int kEventsPerRound = 16;
  static constexpr size_t kDatagramsPerPhone = DatagramSlots::kSlots / kEventsPerRound;
  // What an epoll event belongs to: one of these, or a leg's number with the lowest bit for the port.
  static constexpr uint64_t kWakeTag = 0;
  static constexpr uint64_t kLoopbackTag = 1;

  static void* Enter(void* self);
  void Run();
  bool FromPhone(uint64_t tag, size_t first);
  bool FromWorker();
  void Forward();
  int Bind(const UdpAddress& address) const;
  int Watch(int descriptor, uint64_t tag);

  const Options options_;
  Notice notice_ = nullptr;
  void* context_ = nullptr;
  pthread_t thread_ = {};
  bool running_ = false;
  bool stopping_ = false;
  int epoll_ = -1;
  int wake_ = -1;
  int loopback_ = -1;
  uint16_t loopbackPort_ = 0;
  uint32_t lastLeg_ = 0;
  std::unordered_map<uint32_t, std::unique_ptr<RelayLeg>> legs_;
  std::unordered_map<uint16_t, RelayLeg*> byWorkerPort_;
  // The thread's own:
  int64_t nowMs_ = 0;
  size_t forwarded_ = 0;
  DatagramSlots phoneSlots_;
  DatagramSlots workerSlots_;
  std::array<mmsghdr, DatagramSlots::kSlots> forward_;
  std::array<iovec, DatagramSlots::kSlots> forwardParts_;
  std::array<UdpAddress, DatagramSlots::kSlots> forwardTo_;
};

}  // namespace zonebridge
