#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace zonebridge {

/** A datagram in a buffer that has room behind it for what SRTP adds. */
struct Packet {
  uint8_t* data = nullptr;
  size_t length = 0;
};

constexpr size_t kRtpFixedHeaderBytes = 12;
/** The first header and the sender's SSRC. */
constexpr size_t kRtcpFixedHeaderBytes = 8;

inline uint16_t ReadUint16(const uint8_t* bytes) { return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]); }
inline uint32_t ReadUint32(const uint8_t* bytes) {
  return static_cast<uint32_t>(ReadUint16(bytes)) << 16 | ReadUint16(bytes + 2);
}

enum class PacketKind { kRtp, kRtcp, kForeign };

/** RTP header, CSRC list and header extension together (RFC 3550 §5.1, §5.3.1); 0 when the packet ends before they do. */
inline size_t RtpHeaderBytes(const Packet& packet) {
  if (packet.length < kRtpFixedHeaderBytes) return 0;
  size_t bytes = kRtpFixedHeaderBytes + 4 * (packet.data[0] & 0x0f);
  if ((packet.data[0] & 0x10) != 0) {
    if (packet.length < bytes + 4) return 0;
    bytes += 4 + 4 * static_cast<size_t>(ReadUint16(packet.data + bytes + 2));
  }
  return bytes <= packet.length ? bytes : 0;
}

/** RFC 5761 §4: with both on one port, a second byte of 192..223 is RTCP. */
inline PacketKind KindOf(const Packet& packet) {
  if (packet.length < kRtcpFixedHeaderBytes || packet.data[0] >> 6 != 2) return PacketKind::kForeign;
  if (packet.data[1] >= 192 && packet.data[1] <= 223) return PacketKind::kRtcp;
  return RtpHeaderBytes(packet) == 0 ? PacketKind::kForeign : PacketKind::kRtp;
}

inline uint8_t PayloadTypeOf(const Packet& rtp) { return rtp.data[1] & 0x7f; }
inline uint16_t SequenceOf(const Packet& rtp) { return ReadUint16(rtp.data + 2); }
inline uint32_t SsrcOf(const Packet& rtp) { return ReadUint32(rtp.data + 8); }
inline uint32_t SenderSsrcOf(const Packet& rtcp) { return ReadUint32(rtcp.data + 4); }

/** Takes the header extension off a whole RTP packet, by moving its head towards the payload. */
inline void StripHeaderExtension(Packet& rtp) {
  if ((rtp.data[0] & 0x10) == 0) return;
  const size_t head = kRtpFixedHeaderBytes + 4 * (rtp.data[0] & 0x0f);
  const size_t extension = RtpHeaderBytes(rtp) - head;
  rtp.data[0] &= static_cast<uint8_t>(~0x10);
  std::memmove(rtp.data + extension, rtp.data, head);
  rtp.data += extension;
  rtp.length -= extension;
}

}  // namespace zonebridge
