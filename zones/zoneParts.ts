import type { Log } from '#kernel/index.ts';
import { ZoneMedia, type ZoneVideoOptions } from '#media/index.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import type { ZoneConfig } from './config/schema.ts';
import type { ZoneStart } from './contract.ts';

/** TLS of a zone, by its certificate and for its peers. Throws `config-invalid`. */
export function createTls(config: ZoneConfig, log: Log): Promise<ZoneTls> {
  const { crls } = config.identity.revocation;
  const { certificate, key, client_ca: clientCa } = config.tls;
  const { ca: peerCa } = config.dial_out;
  return ZoneTls.create({
    certificate,
    key,
    ...(clientCa === undefined ? {} : { clientCa }),
    ...(peerCa === undefined ? {} : { peerCa }),
    ...(crls.length === 0 ? {} : { crls }),
    domains: config.domains,
    proxyProtocol: config.proxy_protocol,
    log: log.child({ part: 'tls' }),
  });
}

/** Sound and picture of a zone. Throws `unavailable`. */
export function createMedia({ config, mediasoupWorker }: ZoneStart, log: Log): Promise<ZoneMedia> {
  const { media } = config;
  return ZoneMedia.create(
    {
      address: media.address,
      ...(media.announced_address === undefined ? {} : { announcedAddress: media.announced_address }),
      ports: media.ports,
      webRtcPort: media.webrtc_port,
      audioCodecs: media.audio_codecs,
      maxTalkers: media.max_talkers,
      ...(media.video.enabled ? { video: videoOptions(config) } : {}),
    },
    { log: log.child({ part: 'media' }), workerBin: mediasoupWorker },
  );
}

function videoOptions({ media: { video }, banner }: ZoneConfig): ZoneVideoOptions {
  return {
    codecs: video.codecs,
    frameRate: video.frame_rate,
    maxBitrate: video.max_bitrate,
    encodeBudget: video.encode_budget,
    maxLoadPercent: video.max_load_percent,
    ...(banner === undefined ? {} : { banner }),
  };
}
