#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace zonebridge {

/** An IPv4 or IPv6 address with a port, as the system calls take it. */
struct UdpAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };

  UdpAddress() : v6{} {}

  /** Address of a socket of `family`; AF_UNSPEC takes either. False when the text is no address of it. */
  bool Parse(const std::string& text, uint16_t port, int family) {
    *this = UdpAddress();
    // An embedded NUL would end the text early for inet_pton.
    if (text.find('\0') != std::string::npos) return false;
    if (family != AF_INET6 && inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      return true;
    }
    // IPv6 sockets know IPv4 hosts by mapped addresses (RFC 4291 §2.5.5.2).
    const std::string mapped = "::ffff:" + text;
    if (family == AF_INET || (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1 &&
                              inet_pton(AF_INET6, mapped.c_str(), &v6.sin6_addr) != 1))
      return false;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return true;
  }

  static UdpAddress Loopback(uint16_t port) {
    UdpAddress address;
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int family() const { return any.sa_family; }
  bool known() const { return any.sa_family != AF_UNSPEC; }
  socklen_t length() const { return family() == AF_INET ? sizeof(v4) : sizeof(v6); }
  uint16_t port() const { return ntohs(family() == AF_INET ? v4.sin_port : v6.sin6_port); }

  bool operator==(const UdpAddress& other) const {
    if (family() != other.family() || port() != other.port()) return false;
    return family() == AF_INET ? v4.sin_addr.s_addr == other.v4.sin_addr.s_addr
                               : std::memcmp(&v6.sin6_addr, &other.v6.sin6_addr, sizeof(v6.sin6_addr)) == 0;
  }
  bool operator!=(const UdpAddress& other) const { return !(*this == other); }
};

}  // namespace zonebridge
