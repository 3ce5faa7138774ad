import { configSchema, embeddedDefault, type Config } from '../config/index.ts';

/** Neither is shown, nor used: nothing is started of this configuration. */
const nobody = { recipient: 'age1example', reviewBy: '2099-12-31' };

/** The zones of the embedded default, to look at: ports are chosen at start. */
export function embeddedConfig(): Config {
  const media = (webrtcPort: number): { webrtcPort: number; ports: { min: number; max: number } } => ({
    webrtcPort,
    ports: { min: webrtcPort + 1, max: webrtcPort + 100 },
  });
  const ports = {
    sip: 5061,
    https: 8443,
    coreSip: 5062,
    media: { core: media(20_000), meetme: media(21_000) },
  };
  return configSchema.parse(embeddedDefault('data', ports, nobody));
}
