// Fetches the worker that the mediasoup project built for its release, as the package's own post-install script does:
//   node download.ts OUTPUT_FILE
// Exits with 3 where it is not to be had; then it is built from source. The project publishes no checksum or signature
// for these files: trust in them rests on HTTPS and GitHub. MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD=1 builds instead.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { dirname } from 'node:path';

const answerTimeoutMs = 5_000;
const bodyTimeoutMs = 60_000;
const exitCodeNotAvailable = 3;

function prebuiltUrl(): string {
  const manifest = new URL('../../node_modules/mediasoup/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const base =
    process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ??
    'https://github.com/versatica/mediasoup/releases/download';
  const kernelMajor = release().split('.')[0] ?? '';
  return `${base}/${version}/mediasoup-worker-${version}-linux-${arch()}-kernel${kernelMajor}.tgz`;
}

async function fetchArchive(url: string): Promise<Buffer> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error('no answer in time')), answerTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(timer);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    timer = setTimeout(() => abort.abort(new Error('too slow')), bodyTimeoutMs);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    clearTimeout(timer);
  }
}

const [outputFile] = process.argv.slice(2);
if (outputFile === undefined) throw new Error('usage: download.ts OUTPUT_FILE');
const url = prebuiltUrl();
const archive = await fetchArchive(url).catch((error: unknown) => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  console.log(`${url}: ${String(cause)}`);
  process.exit(exitCodeNotAvailable);
});
execFileSync('tar', ['-xzf', '-', '-C', dirname(outputFile), 'mediasoup-worker'], { input: archive });
