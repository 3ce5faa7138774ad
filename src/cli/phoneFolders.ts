import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** For Debian's baresip 1.0: SRTP is mandatory, and Opus must be asked for in mono when `opus_stereo` is off. */
const account =
  '"Phone" <sip:phone@127.0.0.1;transport=tls>;regint=0;mediaenc=srtp-mand;audio_codecs=opus/48000/1,G722/16000/1,PCMA/8000/1\n';

/** The machine's microphone, loudspeaker and screen; without baresip-x11 the picture is received and not shown. */
const soundCard = [
  'audio_player alsa,default',
  'audio_source alsa,default',
  'audio_alert alsa,default',
  'module alsa.so',
  'video_display x11,nil',
  'module x11.so',
];
/** A tone instead of a voice, WAV files in `folder` instead of a loudspeaker, and no window. ausine makes two channels at 48 kHz and nothing else. */
const tone = (folder: string): readonly string[] => [
  'audio_source ausine,440',
  'ausrc_srate 48000',
  'ausrc_channels 2',
  'module ausine.so',
  `snd_path ${folder}`,
  'module sndfile.so',
  'video_display fakevideo,nil',
  'module fakevideo.so',
];

/** A moving test picture instead of a camera. avformat and avcodec (H.264) are in baresip-ffmpeg. */
const video = [
  'video_source avformat,lavfi,testsrc2=size=640x360:rate=30',
  'video_size 640x360',
  'video_bitrate 800000',
  'video_fps 30',
  ...['avcodec', 'vp8', 'avformat', 'swscale', 'snapshot'].map((name) => `module ${name}.so`),
];

const common = [
  'poll_method epoll',
  'sip_listen 127.0.0.1:0',
  'net_interface 127.0.0.1',
  'rtcp_mux no',
  'module_path /usr/lib/baresip/modules',
  ...['stdio', 'opus', 'g722', 'g711', 'srtp', 'dtls_srtp'].map((name) => `module ${name}.so`),
  'module_tmp account.so',
  'module_app contact.so',
  'module_app menu.so',
  'opus_stereo no',
  'opus_sprop_stereo no',
  'opus_inbandfec yes',
  ...video,
];

export interface PhoneFolders {
  readonly soundCard: string;
  /** For machines without one. */
  readonly tone: string;
}

/** Writes configurations of the SIP phone baresip with which it can dial the embedded default as it is. */
export async function writePhoneFolders(dataDir: string): Promise<PhoneFolders> {
  const toneFolder = join(dataDir, 'phone-tone');
  return {
    soundCard: await writeFolder(join(dataDir, 'phone'), soundCard),
    tone: await writeFolder(toneFolder, tone(toneFolder)),
  };
}

async function writeFolder(folder: string, audio: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config'), [...common, ...audio, ''].join('\n'));
  await writeFile(join(folder, 'accounts'), account);
  await writeFile(join(folder, 'contacts'), '');
  return folder;
}
