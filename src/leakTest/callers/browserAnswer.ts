/** Of an offered section, what an answer may take over as it is. */
const kept = /^(m=|c=|a=mid:|a=rtcp-mux|a=rtpmap:|a=fmtp:|a=rtcp-fb:|a=extmap:|a=group:)/;

/**
 * An answer that a browser could give to the server's offer, with markers wherever a browser has a choice. `digest`: 32 bytes for
 * the fingerprint of a certificate that nobody will see.
 */
export function browserAnswer(offer: string, digest: Buffer, plant: (field: string) => string): string {
  const [session = '', ...sections] = offer.split(/^(?=m=)/m);
  const group = session.split('\r\n').filter((line) => line.startsWith('a=group:'));
  const credentials = [
    `a=ice-ufrag:${plant('ICE user')}`,
    `a=ice-pwd:${plant('ICE password')}${plant('ICE password')}`,
  ];
  const fingerprint = (digest.toString('hex').toUpperCase().match(/../g) ?? []).join(':');
  const transport = [...credentials, `a=fingerprint:sha-256 ${fingerprint}`, 'a=setup:active'];
  return [
    'v=0',
    `o=${plant('browser SDP o=')} 1 1 IN IP4 127.0.0.1`,
    `s=${plant('browser SDP s=')}`,
    'c=IN IP4 0.0.0.0',
    't=0 0',
    ...group,
    `a=msid-semantic: WMS ${plant('browser msid')}`,
    ...sections.flatMap((section, index) => [
      ...answered(section),
      ...transport,
      ...(index === 0 ? source(plant) : []),
    ]),
    '',
  ].join('\r\n');
}

/** It has a microphone and no camera. */
function answered(section: string): readonly string[] {
  const lines = section.split('\r\n').filter((line) => kept.test(line));
  return [...lines, section.startsWith('m=audio') ? 'a=sendrecv' : 'a=recvonly'];
}

function source(plant: (field: string) => string): readonly string[] {
  return [
    `a=ssrc:1234567 cname:${plant('browser cname')}`,
    `a=ssrc:1234567 msid:${plant('browser msid')} ${plant('browser track')}`,
    `a=x-unknown:${plant('browser SDP unknown attribute')}`,
    `a=candidate:1 1 udp 2122260223 ${plant('ICE candidate')}.local 50000 typ host`,
  ];
}
