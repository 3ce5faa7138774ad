/** One channel of 16-bit samples. */
export interface Clip {
  readonly sampleRateHz: number;
  readonly samples: Int16Array;
}

const headerBytes = 44;
const formats: readonly number[] = [1, 0xfffe];

interface Format {
  readonly channels: number;
  readonly sampleRateHz: number;
}

/** Reads a WAV file of 16-bit PCM; several channels become their average. Throws an Error that says what is wrong with it. */
export function readWav(file: Buffer): Clip {
  if (
    file.length < 12 ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  )
    throw new Error('it is not a WAV file');
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const chunk = file.subarray(at + 8, at + 8 + length);
    if (name === 'fmt ') format = readFormat(chunk);
    if (name === 'data') {
      if (format === undefined) throw new Error('its samples come before their format');
      return { sampleRateHz: format.sampleRateHz, samples: mixDown(chunk, format.channels) };
    }
    at += 8 + length + (length % 2);
  }
  throw new Error('it has no samples');
}

/** A WAV file as `readWav` reads it. */
export function writeWav({ sampleRateHz, samples }: Clip): Buffer {
  const file = Buffer.alloc(headerBytes + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRateHz, 24);
  file.writeUInt32LE(sampleRateHz * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [index, sample] of samples.entries()) file.writeInt16LE(sample, headerBytes + index * 2);
  return file;
}

function readFormat(chunk: Buffer): Format {
  if (chunk.length < 16) throw new Error('its format is cut off');
  const [kind, channels, bits] = [chunk.readUInt16LE(0), chunk.readUInt16LE(2), chunk.readUInt16LE(14)];
  const sampleRateHz = chunk.readUInt32LE(4);
  if (!formats.includes(kind) || bits !== 16) throw new Error('its samples are not 16-bit PCM');
  if (channels < 1 || channels > 8) throw new Error(`it has ${channels} channels`);
  if (sampleRateHz < 8000 || sampleRateHz > 192_000)
    throw new Error(`its sample rate is ${sampleRateHz} Hz, which is not between 8,000 and 192,000`);
  return { channels, sampleRateHz };
}

function mixDown(data: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(data.length / (2 * channels)));
  for (let index = 0; index < samples.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += data.readInt16LE(2 * (index * channels + channel));
    samples[index] = Math.round(sum / channels);
  }
  return samples;
}
