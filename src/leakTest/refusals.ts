import { request } from 'node:https';
import { connect } from 'node:tls';
import { ZonebridgeError } from '#kernel/index.ts';
import { addressField } from './callers/SipIdentity.ts';
import type { SipCaller } from './callers/SipCaller.ts';
import type { WebCaller } from './callers/WebCaller.ts';
import { rooms } from './leakConfig.ts';
import type { Caller } from './MarkerBook.ts';
import type { Scene } from './Scene.ts';
import { together } from './together.ts';

const zone = 'meetme';

/** Attempts that the neutral zone refuses, each with markers in what is refused. `rightPin`: of the room `vault`. */
export async function tryToComeIn(scene: Scene, rightPin: string): Promise<void> {
  await together([
    strangeRequests(scene),
    unknownRoomOfThePage(scene),
    pinsOfThePage(scene, rightPin),
    pinOfThePhone(scene),
    fullRoom(scene),
    unknownServerName(scene),
    unknownPage(scene),
    refusedDialOut(scene),
  ]);
}

/** An unknown room, requests that mean nothing here, an offer that is no SDP, and what is no SIP. */
async function strangeRequests(scene: Scene): Promise<void> {
  const mallory = await scene.phone('Mallory', zone);
  await refused(mallory, mallory.identity.plant('unknown room (SIP)'));
  mallory.aim(rooms.meetme);
  const text = ['Content-Type: text/plain'];
  await mallory.request('MESSAGE', mallory.identity.plant('chat (SIP MESSAGE)'), text);
  await mallory.request('OPTIONS');
  await mallory.request('REGISTER', '', [
    `Authorization: Digest username="${mallory.identity.plant('digest user')}", realm="r", nonce="n", uri="sip:r", response="00"`,
  ]);
  await mallory.request('INVITE', `v=0\r\no=${mallory.identity.plant('SDP that is none')}\r\n`, [
    'Content-Type: application/sdp',
  ]);
  mallory.garbage(`${mallory.identity.plant('what is no SIP')} is no SIP`);
}

async function unknownRoomOfThePage(scene: Scene): Promise<void> {
  const caller: Caller = { name: 'Oscar', zone };
  const room = scene.book.plant('unknown room (page)', caller);
  const web = await scene.browser(caller.name, zone, room);
  web.join();
  await web.whenTold('refused');
}

/** A wrong PIN, then the right one; the last message is none. */
async function pinsOfThePage(scene: Scene, rightPin: string): Promise<void> {
  const web = await scene.browser('Peggy', zone, rooms.vault);
  web.join();
  await web.whenTold('gate');
  web.send({ type: 'code', code: scene.book.plantDigits('PIN (wrong, page)', web.caller) });
  await web.whenTold('gate', 2);
  web.send({ type: 'code', code: rightPin });
  await web.whenTold('joined');
  web.send(web.plant('message that is none (page)'));
}

/** A wrong PIN as RTP events, and another one by SIP INFO. */
async function pinOfThePhone(scene: Scene): Promise<void> {
  const victor = await scene.phone('Victor', zone);
  const { startLine } = await victor.call(rooms.vault);
  if (!startLine.startsWith('SIP/2.0 200')) {
    throw new ZonebridgeError('unavailable', `a phone was not asked for its PIN: ${startLine}`);
  }
  const { caller } = victor.identity;
  await victor.media.type(`${scene.book.plantDigits('PIN (wrong, RTP events)', caller)}#`);
  await victor.typeByInfo(`${scene.book.plantDigits('PIN (wrong, INFO)', caller)}#`);
}

async function fullRoom(scene: Scene): Promise<void> {
  const inside = [
    await scene.browser('Walter', zone, rooms.small),
    await scene.browser('Wendy', zone, rooms.small),
  ];
  await Promise.all(inside.map((web) => joined(web)));
  const sybil = await scene.phone('Sybil', zone);
  await refused(sybil, rooms.small);
}

/** A TLS opening for a name that is nobody's: all that the listener ever reads. */
async function unknownServerName({ server, book }: Scene): Promise<void> {
  const servername = `${book.plant('TLS server name', { name: 'Trudy', zone: undefined })}.invalid`;
  const { https_port: port } = server.config.listener;
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  const timer = setTimeout(() => socket.destroy(), 5_000);
  // It ends with an alert, which `once` would throw.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(timer);
}

async function unknownPage(scene: Scene): Promise<void> {
  const caller: Caller = { name: 'Craig', zone };
  const plant = (field: string): string => scene.book.plant(field, caller);
  const path = `/api/${plant('page path')}?${plant('page query')}`;
  const { host, port, ca } = scene.page(zone);
  const asked = request({
    host: '127.0.0.1',
    servername: host,
    port,
    ca,
    path,
    localAddress: scene.book.plantAddress(addressField, caller),
    timeout: 10_000,
    headers: { host, 'user-agent': plant('browser User-Agent') },
  });
  const { promise, resolve, reject } = Promise.withResolvers<readonly Buffer[]>();
  asked.once('error', reject);
  asked.once('response', (response) => {
    const heard: Buffer[] = [Buffer.from(response.rawHeaders.join('\n'))];
    response.on('data', (chunk: Buffer) => heard.push(chunk)).once('end', () => resolve(heard));
  });
  asked.end();
  scene.listen({ caller, heard: await promise });
}

/** A host in a browser asks for a call to where the zone does not call. */
async function refusedDialOut({ people: { erin } }: Scene): Promise<void> {
  erin.send({
    type: 'dial',
    uri: `sips:${erin.plant('dialled user')}@${erin.plant('dialled host')}.invalid`,
  });
  await erin.whenTold('notice');
}

async function joined(web: WebCaller): Promise<void> {
  web.join();
  await web.whenTold('joined');
}

async function refused(phone: SipCaller, room: string): Promise<void> {
  const { startLine } = await phone.call(room);
  if (/^SIP\/2\.0 [3-6]/.test(startLine)) return;
  throw new ZonebridgeError('unavailable', `${phone.identity.caller.name} was not refused: ${startLine}`);
}
