import type { AudioDescription, DtlsSetup } from '#kernel/index.ts';

/**
 * As much SDP as a test of media needs to talk to Chromium without the signaling layer; not the product's SDP, which
 * media may not import.
 */
export function offerSdp(local: AudioDescription): string {
  const { codecs, telephoneEvent, ice, security, headerExtensions: extensions } = local;
  if (ice === undefined || security.kind !== 'dtls')
    throw new Error('an offer to a browser has ICE and DTLS');
  const numbers = codecs.map(({ payloadType }) => payloadType);
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    `m=audio ${local.port} UDP/TLS/RTP/SAVPF ${[...numbers, ...(telephoneEvent ? [telephoneEvent.payloadType] : [])].join(' ')}`,
    `c=IN IP4 ${local.address}`,
    `a=mid:${local.mid ?? ''}`,
    `a=${local.direction}`,
    'a=rtcp-mux',
    `a=ice-ufrag:${ice.usernameFragment}`,
    `a=ice-pwd:${ice.password}`,
    ...ice.candidates.map(
      ({ foundation, protocol, priority, address, port, tcpType }) =>
        `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host${tcpType ? ` tcptype ${tcpType}` : ''}`,
    ),
    'a=end-of-candidates',
    ...security.fingerprints.map(({ algorithm, value }) => `a=fingerprint:${algorithm} ${value}`),
    `a=setup:${security.setup}`,
    ...codecs.map(
      ({ name, payloadType, clockRateHz, channels }) =>
        `a=rtpmap:${payloadType} ${name}/${clockRateHz}/${channels}`,
    ),
    ...(telephoneEvent
      ? [`a=rtpmap:${telephoneEvent.payloadType} telephone-event/${telephoneEvent.clockRateHz}`]
      : []),
    ...extension('urn:ietf:params:rtp-hdrext:sdes:mid', extensions.mid),
    ...extension('urn:ietf:params:rtp-hdrext:ssrc-audio-level', extensions.audioLevel),
    `a=ssrc:${local.ssrc ?? 0} cname:${local.cname ?? ''}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export function readAnswer(sdp: string): AudioDescription {
  const first = (pattern: RegExp): string => pattern.exec(sdp)?.[1] ?? '';
  const id = (uri: string): number => Number(first(new RegExp(`a=extmap:(\\d+)[^ ]* ${uri}`)));
  const numbers = first(/m=audio \d+ \S+ ([\d ]+)/)
    .split(' ')
    .map(Number);
  const [algorithm = '', value = ''] = first(/a=fingerprint:(\S+ \S+)/).split(' ');
  return {
    direction: 'sendrecv',
    codecs: numbers.slice(0, 1).map((payloadType) => ({
      name: 'opus',
      payloadType,
      clockRateHz: 48_000,
      channels: 2,
      parameters: {},
    })),
    security: {
      kind: 'dtls',
      fingerprints: [{ algorithm, value }],
      setup: first(/a=setup:(\w+)/) as DtlsSetup,
    },
    ice: {
      usernameFragment: first(/a=ice-ufrag:(\S+)/),
      password: first(/a=ice-pwd:(\S+)/),
      lite: false,
      candidates: [],
    },
    address: '0.0.0.0',
    port: 9,
    rtcpMux: true,
    ssrc: Number(first(/a=ssrc:(\d+)/)),
    headerExtensions: {
      mid: id('urn:ietf:params:rtp-hdrext:sdes:mid'),
      audioLevel: id('urn:ietf:params:rtp-hdrext:ssrc-audio-level'),
    },
  };
}

function extension(uri: string, id: number | undefined): string[] {
  return id === undefined ? [] : [`a=extmap:${id} ${uri}`];
}
