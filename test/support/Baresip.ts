import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pngIsWhole, readPng, type Picture } from './picture.ts';
import { freePort } from './ports.ts';
import { colors, type Color } from './seeing.ts';
import { waitFor } from './waitFor.ts';

/** `opus` is Opus at 48 kHz, mono. */
export type BaresipCodec = 'opus' | 'G722' | 'PCMA' | 'PCMU';

const codecNames: Record<BaresipCodec, string> = {
  opus: 'opus/48000/1',
  G722: 'G722/16000/1',
  PCMA: 'PCMA/8000/1',
  PCMU: 'PCMU/8000/1',
};

/** A camera that shows one colour with a number on its left; 640x360, 25 frames a second. */
export interface BaresipVideo {
  /** The only one that it offers; H.264 with packetization mode 0. */
  readonly codec: 'H264' | 'VP8';
  readonly color: Color;
  readonly number: number;
}

export interface BaresipOptions {
  /** What this phone says, all the time. */
  readonly toneHz: number;
  readonly codec?: BaresipCodec;
  /** As baresip names them; `` for plain RTP. */
  readonly encryption?: 'srtp' | 'srtp-mand' | 'srtp-mandf' | 'dtls_srtp' | '';
  readonly name?: string;
  readonly transport?: 'tls' | 'tcp' | 'udp';
  /** Absent: the phone is audio only. */
  readonly video?: BaresipVideo;
  /** PEM file with its certificate and the key, which it shows to servers that ask. */
  readonly certificate?: string;
  /** Of its account, whose user is its name in lower case; given to servers that ask for it. */
  readonly password?: string;
  /** Takes every call on this port, over TLS on the next one, which needs a certificate. */
  readonly answersOn?: number;
}

interface BaresipEvent {
  readonly event?: true;
  readonly type?: string;
  readonly param?: string;
}

/** A real SIP phone (Debian's baresip 1.0): says a tone, records what it hears, shows a colour; no sound card or camera needed. */
export class Baresip implements AsyncDisposable {
  readonly events: BaresipEvent[] = [];
  readonly #child: ChildProcess;
  readonly #folder: string;
  #control: Socket | undefined;
  #output = '';
  #pictures = 0;

  static async start(options: BaresipOptions): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-baresip-'));
    const controlPort = await freePort();
    await mkdir(join(folder, 'recordings'));
    await writeFile(join(folder, 'config'), configText(options, controlPort, folder));
    await writeFile(join(folder, 'accounts'), accountText(options));
    await writeFile(join(folder, 'contacts'), '');
    const child = spawn('baresip', ['-s', '-f', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    const phone = new Baresip(child, folder);
    await phone.#connect(controlPort);
    return phone;
  }

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-300_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** What baresip printed, all of SIP that it sent and received among it. */
  get output(): string {
    return this.#output;
  }

  /** Resolves once the call is established; fails with what the server said. */
  async call(uri: string): Promise<void> {
    const from = this.events.length;
    this.command('dial', uri);
    await waitFor(`the call to ${uri}`, () => {
      const closed = this.events.slice(from).find(({ type }) => type === 'CALL_CLOSED');
      if (closed !== undefined) throw new Error(`the call was refused: ${closed.param ?? ''}`);
      return this.events.slice(from).some(({ type }) => type === 'CALL_ESTABLISHED');
    });
  }

  /** Resolves with the reason once the call has ended. */
  whenEnded(timeoutMs = 15_000): Promise<string> {
    const closed = (): string | undefined => this.events.find(({ type }) => type === 'CALL_CLOSED')?.param;
    return waitFor('the end of the call', closed, timeoutMs);
  }

  /** Any command of baresip's menu: `dial`, `hangup`, `hold`, `resume`, `mute`. */
  command(command: string, parameters = ''): void {
    const text = JSON.stringify({ command, params: parameters });
    this.#control?.write(`${Buffer.byteLength(text)}:${text},`);
  }

  /** The WAV file of what this phone has heard (its newest stream). */
  async recording(): Promise<string> {
    return waitFor('a recording', async () => {
      const names = (await readdir(join(this.#folder, 'recordings'))).filter((name) =>
        name.endsWith('dec.wav'),
      );
      const newest = names.sort().at(-1);
      return newest === undefined ? undefined : join(this.#folder, 'recordings', newest);
    });
  }

  /** What it shows its person now: the next frame that it decodes. */
  async picture(timeoutMs = 10_000): Promise<Picture> {
    this.#pictures += 1;
    const path = join(this.#folder, `seen-${this.#pictures}.png`);
    this.command('snapshot_recv', path);
    const file = await waitFor(
      'a picture in the phone',
      async () => {
        const bytes = await readFile(path).catch(() => undefined);
        return bytes !== undefined && pngIsWhole(bytes) && bytes;
      },
      timeoutMs,
    );
    return readPng(file);
  }

  /** Ends the program; the recording is complete afterwards. `dispose` removes its folder. */
  async stop(): Promise<void> {
    this.#control?.destroy();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #connect(port: number): Promise<void> {
    this.#control = await waitFor('baresip’s control port', async () => {
      if (this.#child.exitCode !== null) throw new Error(`baresip ended at start: ${this.#output}`);
      const socket = connect(port, '127.0.0.1');
      return new Promise<Socket | false>((resolve) => {
        socket.once('connect', () => resolve(socket));
        socket.once('error', () => resolve(false));
      });
    });
    let pending = Buffer.alloc(0);
    this.#control.on('error', () => undefined);
    this.#control.on('data', (chunk) => {
      pending = this.#readEvents(Buffer.concat([pending, chunk]));
    });
  }

  /** Netstrings: `LENGTH:JSON,`. Returns what is left over. */
  #readEvents(data: Buffer): Buffer<ArrayBuffer> {
    let rest = Buffer.from(data);
    for (;;) {
      const colon = rest.indexOf(':');
      const length = Number(rest.toString('latin1', 0, Math.max(colon, 0)));
      if (colon < 0 || rest.length < colon + length + 2) return rest;
      this.events.push(JSON.parse(rest.toString('utf8', colon + 1, colon + 1 + length)) as BaresipEvent);
      rest = rest.subarray(colon + length + 2);
    }
  }
}

function accountText({
  name = 'Phone',
  codec = 'opus',
  encryption = 'srtp-mand',
  transport = 'tls',
  video,
  password,
  answersOn,
}: BaresipOptions): string {
  const user = name.toLowerCase();
  const login = password === undefined ? '' : `;auth_user=${user};auth_pass=${password}`;
  const mode = answersOn === undefined ? '' : ';answermode=auto';
  const security = encryption === '' ? '' : `;mediaenc=${encryption}`;
  const media = video === undefined ? security : `${security};video_codecs=${video.codec.toLowerCase()}`;
  return `"${name}" <sip:${user}@127.0.0.1;transport=${transport}>;regint=0${login}${mode};audio_codecs=${codecNames[codec]}${media};ptime=20\n`;
}

/** baresip cuts a device's name after 127 characters. */
function videoText({ codec, color, number }: BaresipVideo): string[] {
  const value = colors[color].map((part) => part.toString(16).padStart(2, '0')).join('');
  const text = `drawtext=text=${number}:fontsize=140:fontcolor=white:x=195:y=100`;
  return [
    ...[codec === 'VP8' ? 'vp8' : 'avcodec', 'avformat', 'fakevideo', 'snapshot'].map(
      (name) => `module ${name}.so`,
    ),
    `video_source avformat,lavfi,color=0x${value}:640x360:25,${text}`,
    'video_display fakevideo',
    'video_size 640x360',
    'video_bitrate 500000',
    'video_fps 25',
  ];
}

function configText(
  { toneHz, video, certificate, answersOn = 0 }: BaresipOptions,
  controlPort: number,
  folder: string,
): string {
  const modules = ['opus', 'g722', 'g711', 'ausine', 'sndfile', 'srtp', 'dtls_srtp'];
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${answersOn}`,
    ...(certificate === undefined ? [] : [`sip_certificate ${certificate}`]),
    'call_local_timeout 120',
    'call_max_calls 4',
    `audio_source ausine,${toneHz}`,
    'audio_level no',
    // ausine makes two channels and nothing else.
    'ausrc_srate 48000',
    'ausrc_channels 2',
    'ausrc_format s16',
    'auplay_format s16',
    'auenc_format s16',
    'audec_format s16',
    'audio_buffer 20-160',
    'rtp_tos 184',
    'rtcp_mux no',
    'jitter_buffer_delay 1-20',
    'rtp_stats no',
    'net_interface 127.0.0.1',
    'module_path /usr/lib/baresip/modules',
    ...modules.map((name) => `module ${name}.so`),
    ...(video === undefined ? [] : videoText(video)),
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `snd_path ${join(folder, 'recordings')}`,
    'opus_bitrate 32000',
    'opus_stereo no',
    'opus_sprop_stereo no',
    'opus_inbandfec yes',
    '',
  ].join('\n');
}
