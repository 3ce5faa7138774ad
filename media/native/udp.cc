// UDP in batches: recvmmsg and sendmmsg on a non-blocking socket, with the kernel's arrival times.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "addon.h"
#include "arguments.h"
#include "system_error.h"

namespace zonebridge {
namespace {

// One system call's worth; longer batches take several.
constexpr size_t kMessagesPerCall = 64;
constexpr int64_t kMaxSlotBytes = 65536;

double Milliseconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double ArrivalMs(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec time = {};
    std::memcpy(&time, CMSG_DATA(part), sizeof(time));
    return Milliseconds(time);
  }
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return Milliseconds(now);
}

struct Batch {
  size_t slotBytes = 0;
  /** Slots that every array has room for. */
  size_t slots = 0;
  Span<uint8_t> data;
  Span<int32_t> lengths;
  Span<int32_t> ports;
  Span<double> arrivalMs;
};

Batch ReadBatch(Arguments& arguments, const Napi::Value& value) {
  const auto property = [&](const char* name) { return arguments.Property(value, "batch", name); };
  const Napi::Value slotBytes = property("slotBytes");
  const Napi::Value data = property("data");
  const Napi::Value lengths = property("lengths");
  const Napi::Value ports = property("ports");
  const Napi::Value arrivalMs = property("arrivalMs");
  // No JavaScript runs from here on: the spans stay valid until the method returns.
  Batch batch;
  batch.slotBytes = static_cast<size_t>(arguments.Integer(slotBytes, "batch.slotBytes", 1, kMaxSlotBytes));
  batch.lengths = arguments.Array<int32_t>(lengths, "batch.lengths", 1);
  batch.slots = batch.lengths.length;
  batch.data = arguments.Array<uint8_t>(data, "batch.data", batch.slots * batch.slotBytes);
  batch.ports = arguments.Array<int32_t>(ports, "batch.ports", batch.slots);
  batch.arrivalMs = arguments.Array<double>(arrivalMs, "batch.arrivalMs", batch.slots);
  return batch;
}

class UdpSocketObject : public Napi::ObjectWrap<UdpSocketObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("UdpSocket",
                DefineClass(env, "UdpSocket",
                            {InstanceAccessor<&UdpSocketObject::Port>("port"),
                             InstanceAccessor<&UdpSocketObject::Truncated>("truncated"),
                             InstanceAccessor<&UdpSocketObject::ReceiveBufferBytes>("receiveBufferBytes"),
                             InstanceMethod<&UdpSocketObject::Receive>("receive"),
                             InstanceMethod<&UdpSocketObject::Send>("send"),
                             InstanceMethod<&UdpSocketObject::Close>("close")}));
  }

  explicit UdpSocketObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const std::string host = arguments.Text(arguments.Property(info[0], "options", "address"), "options.address");
    const auto port = arguments.Integer(arguments.Property(info[0], "options", "port"), "options.port", 0, 65535);
    const Napi::Value buffer = arguments.Property(info[0], "options", "receiveBufferBytes");
    int64_t bufferBytes = 0;
    if (arguments.ok() && !buffer.IsUndefined())
      bufferBytes = arguments.Integer(buffer, "options.receiveBufferBytes", 4096, 1 << 28);
    peer_.sin_family = AF_INET;
    peer_.sin_port = htons(static_cast<uint16_t>(port));
    // An embedded NUL would end the text early for inet_pton.
    const bool isAddress = host.find('\0') == std::string::npos &&
                           inet_pton(AF_INET, host.c_str(), &peer_.sin_addr) == 1 &&
                           peer_.sin_addr.s_addr != htonl(INADDR_ANY);
    if (arguments.ok() && !isAddress)
      arguments.Fail<Napi::RangeError>("options.address must be an IPv4 address of this machine, not 0.0.0.0");
    if (arguments.ok()) Open(info.Env(), host, static_cast<int>(bufferBytes));
  }

  ~UdpSocketObject() override { CloseDescriptor(); }

 private:
  void Open(Napi::Env env, const std::string& host, int bufferBytes) {
    const int on = 1;
    socklen_t addressLength = sizeof(peer_);
    socklen_t intLength = sizeof(receiveBufferBytes_);
    auto* address = reinterpret_cast<sockaddr*>(&peer_);
    const std::string where = host + ":" + std::to_string(ntohs(peer_.sin_port));
    descriptor_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) return ThrowSystemError(env, "UDP socket", errno);
    if (setsockopt(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0 ||
        (bufferBytes > 0 &&
         setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bufferBytes, sizeof(bufferBytes)) != 0) ||
        bind(descriptor_, address, addressLength) != 0 || getsockname(descriptor_, address, &addressLength) != 0 ||
        getsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes_, &intLength) != 0) {
      const int number = errno;
      CloseDescriptor();
      return ThrowSystemError(env, "UDP socket on " + where, number);
    }
    port_ = ntohs(peer_.sin_port);
  }

  void CloseDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  Napi::Value Port(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), port_); }
  Napi::Value Truncated(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), truncated_); }
  Napi::Value ReceiveBufferBytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), receiveBufferBytes_);
  }
  void Close(const Napi::CallbackInfo&) { CloseDescriptor(); }

  Napi::Value Receive(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    const Batch batch = ReadBatch(arguments, info[0]);
    arguments.IsOpen(descriptor_ >= 0, "UdpSocket");
    if (!arguments.ok()) return info.Env().Undefined();
    size_t count = 0;
    while (count < batch.slots) {
      const size_t wanted = std::min(batch.slots - count, kMessagesPerCall);
      PrepareReceive(batch, count, wanted);
      const int got = recvmmsg(descriptor_, messages_.data(), static_cast<unsigned>(wanted), 0, nullptr);
      if (got < 0 && errno == EINTR) continue;
      // An earlier datagram of ours was refused by its port: that error stood in the queue, and is gone now.
      if (got < 0 && errno == ECONNREFUSED) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got < 0) return ThrowSystemError(info.Env(), "recvmmsg", errno), info.Env().Undefined();
      count += Keep(batch, count, static_cast<size_t>(got));
      if (static_cast<size_t>(got) < wanted) break;
    }
    return Napi::Number::New(info.Env(), static_cast<double>(count));
  }

  void PrepareReceive(const Batch& batch, size_t first, size_t wanted) {
    for (size_t i = 0; i < wanted; i++) {
      buffers_[i] = {batch.data.data + (first + i) * batch.slotBytes, batch.slotBytes};
      messages_[i] = {};
      msghdr& header = messages_[i].msg_hdr;
      header.msg_name = &addresses_[i];
      header.msg_namelen = sizeof(addresses_[i]);
      header.msg_iov = &buffers_[i];
      header.msg_iovlen = 1;
      header.msg_control = controls_[i].bytes;
      header.msg_controllen = sizeof(controls_[i].bytes);
    }
  }

  /** Writes what is known of `got` received datagrams, moving whole ones down over truncated ones. */
  size_t Keep(const Batch& batch, size_t first, size_t got) {
    size_t kept = 0;
    for (size_t i = 0; i < got; i++) {
      if ((messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        truncated_++;
        continue;
      }
      const size_t slot = first + kept;
      const size_t length = messages_[i].msg_len;
      if (kept != i) std::memmove(batch.data.data + slot * batch.slotBytes, buffers_[i].iov_base, length);
      batch.lengths.data[slot] = static_cast<int32_t>(length);
      batch.ports.data[slot] = ntohs(addresses_[i].sin_port);
      batch.arrivalMs.data[slot] = ArrivalMs(messages_[i].msg_hdr);
      kept++;
    }
    return kept;
  }

  Napi::Value Send(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    const Batch batch = ReadBatch(arguments, info[0]);
    arguments.IsOpen(descriptor_ >= 0, "UdpSocket");
    const auto wanted =
        static_cast<size_t>(arguments.Integer(info[1], "count", 0, static_cast<int64_t>(batch.slots)));
    size_t count = 0;
    while (arguments.ok() && count < wanted) {
      const size_t part = std::min(wanted - count, kMessagesPerCall);
      if (!PrepareSend(arguments, batch, count, part)) break;
      const int sent = sendmmsg(descriptor_, messages_.data(), static_cast<unsigned>(part), 0);
      if (sent < 0 && errno == EINTR) continue;
      // Full, or an earlier datagram was refused by its port: the caller sees what was taken and goes on.
      if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ECONNREFUSED)) break;
      if (sent < 0) return ThrowSystemError(info.Env(), "sendmmsg", errno), info.Env().Undefined();
      count += static_cast<size_t>(sent);
    }
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), static_cast<double>(count));
  }

  bool PrepareSend(Arguments& arguments, const Batch& batch, size_t first, size_t part) {
    for (size_t i = 0; i < part; i++) {
      const size_t slot = first + i;
      // Read once: on shared memory another thread may write while we look.
      const int32_t length = batch.lengths.data[slot];
      const int32_t port = batch.ports.data[slot];
      if (length < 0 || static_cast<size_t>(length) > batch.slotBytes) {
        arguments.Fail<Napi::RangeError>("batch.lengths[" + std::to_string(slot) + "] must be from 0 to slotBytes");
      } else if (port < 1 || port > 65535) {
        arguments.Fail<Napi::RangeError>("batch.ports[" + std::to_string(slot) + "] must be from 1 to 65535");
      }
      if (!arguments.ok()) return false;
      buffers_[i] = {batch.data.data + slot * batch.slotBytes, static_cast<size_t>(length)};
      addresses_[i] = peer_;
      addresses_[i].sin_port = htons(static_cast<uint16_t>(port));
      messages_[i] = {};
      messages_[i].msg_hdr.msg_name = &addresses_[i];
      messages_[i].msg_hdr.msg_namelen = sizeof(addresses_[i]);
      messages_[i].msg_hdr.msg_iov = &buffers_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
    return true;
  }

  struct Control {
    alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(timespec))];
  };

  int descriptor_ = -1;
  int port_ = 0;
  int receiveBufferBytes_ = 0;
  double truncated_ = 0;
  /** The bound address; datagrams go to other ports of the same host. */
  sockaddr_in peer_ = {};
  std::array<mmsghdr, kMessagesPerCall> messages_;
  std::array<iovec, kMessagesPerCall> buffers_;
  std::array<sockaddr_in, kMessagesPerCall> addresses_;
  std::array<Control, kMessagesPerCall> controls_;
};

}  // namespace

void DefineUdp(Napi::Env env, Napi::Object exports) { UdpSocketObject::Define(env, exports); }

}  // namespace zonebridge
