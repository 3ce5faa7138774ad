import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** For Debian's baresip 1.0: SRTP is mandatory, and Opus must be asked for in mono when `opus_stereo` is off. */
const account =
  '"Phone" <sip:phone@127.0.0.1;transport=tls>;regint=0;mediaenc=srtp-mand;audio_codecs=opus/48000/1,G722/16000/1,PCMA/8000/1\n';

const config = [
  'poll_method epoll',
  'sip_listen 127.0.0.1:0',
  'net_interface 127.0.0.1',
  'audio_player alsa,default',
  'audio_source alsa,default',
  'audio_alert alsa,default',
  'rtcp_mux no',
  'module_path /usr/lib/baresip/modules',
  ...['stdio', 'opus', 'g722', 'g711', 'alsa', 'ausine', 'srtp', 'dtls_srtp'].map(
    (name) => `module ${name}.so`,
  ),
  'module_tmp account.so',
  'module_app contact.so',
  'module_app menu.so',
  'opus_stereo no',
  'opus_sprop_stereo no',
  'opus_inbandfec yes',
  '',
].join('\n');

/** Writes a configuration of the SIP phone baresip with which it can dial the embedded default as it is. */
export async function writePhoneFolder(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'phone');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config'), config);
  await writeFile(join(folder, 'accounts'), account);
  await writeFile(join(folder, 'contacts'), '');
  return folder;
}
