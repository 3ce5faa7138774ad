import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface CertificateOrder {
  readonly ca?: string;
  readonly subject?: string;
  /** As openssl writes subjectAltName; absent: none. */
  readonly san?: string;
  /** Extended key usage. Default: client and server. */
  readonly usage?: string;
  /** As openssl writes times. Default: 2020 to 2040. */
  readonly from?: string;
  readonly to?: string;
}

/** Certificates of any shape, good and bad, made by the openssl command in a folder of their own: `NAME.pem` and `NAME.key`. */
export class Certificates implements AsyncDisposable {
  readonly folder: string;

  static async create(...authorities: readonly string[]): Promise<Certificates> {
    const made = new Certificates(await mkdtemp(join(tmpdir(), 'zonebridge-certificates-')));
    for (const name of authorities) await made.#makeCa(name);
    return made;
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** One after the other: each CA has one database. */
  async issueAll(orders: Readonly<Record<string, CertificateOrder>>): Promise<void> {
    for (const [name, order] of Object.entries(orders)) await this.issue(name, order);
  }

  async issue(name: string, order: CertificateOrder): Promise<void> {
    const { ca = 'ca', subject = '/CN=phone', san, usage = 'clientAuth,serverAuth', from, to } = order;
    await this.#openssl(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject],
    );
    const names = san === undefined ? '' : `subjectAltName=${san}\n`;
    await writeFile(this.path(`${name}.ext`), `extendedKeyUsage=${usage}\n${names}`);
    await writeFile(this.path(`${name}.serial`), `${Buffer.from(name).toString('hex').slice(0, 16)}\n`);
    await writeFile(
      this.path(`${name}.cnf`),
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${ca}.index\nserial=${name}.serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=optional\norganizationName=optional\n`,
    );
    await this.#openssl(
      ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-cert', `${ca}.pem`, '-keyfile', `${ca}.key`],
      ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`],
      ...['-startdate', from ?? '20200101000000Z', '-enddate', to ?? '20400101000000Z'],
    );
  }

  /** Writes `CA.crl` with all that are revoked. */
  async revoke(ca: string, ...names: readonly string[]): Promise<void> {
    for (const name of names) await this.#openssl('ca', '-config', `${ca}.cnf`, '-revoke', `${name}.pem`);
    await this.writeList(ca);
  }

  /** Writes `CA.crl`; the next is due in so many seconds. */
  async writeList(ca: string, seconds = 30 * 86_400): Promise<void> {
    const validity = ['-crlsec', String(seconds)];
    await this.#openssl('ca', '-config', `${ca}.cnf`, '-gencrl', ...validity, '-out', `${ca}.crl`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  async #makeCa(name: string): Promise<void> {
    await this.#openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/O=Test/CN=${name}`],
    );
    await writeFile(this.path(`${name}.index`), '');
    await writeFile(this.path(`${name}.crlnumber`), '01\n');
    await writeFile(
      this.path(`${name}.cnf`),
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.index\ncrlnumber=${name}.crlnumber\ndefault_md=sha256\ndefault_crl_days=30\ncertificate=${name}.pem\nprivate_key=${name}.key\n`,
    );
  }

  #openssl(...words: readonly string[]): Promise<unknown> {
    return run('openssl', words, { cwd: this.folder });
  }
}
