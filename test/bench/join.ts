import { Chromium } from '#test/support/Chromium.ts';
import { RtpPhone } from '#test/support/RtpPhone.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { row } from './table.ts';

const joins = 7;

/** From the press of Join to the first sound of somebody else, and to the first picture; milliseconds. */
async function browserJoinMs(chromium: Chromium, url: string): Promise<{ sound: number; picture: number }> {
  const browser = await chromium.open({ url, toneHz: 1010 });
  const { page } = browser;
  await page.getByLabel(/name/i).fill('Bench');
  const join = page.getByRole('button', { name: /^join/i });
  await join.waitFor();
  const pressed = await join.evaluate((button) => {
    (button as HTMLButtonElement).click();
    return { sinceNavigationMs: performance.now(), atMs: Date.now() };
  });
  const heardMs = await waitFor('sound in the browser', () => browser.firstHeardMs());
  const seenAtMs = await waitFor('a picture in the browser', () => browser.firstSeenAtMs());
  await browser.close();
  return { sound: heardMs - pressed.sinceNavigationMs, picture: seenAtMs - pressed.atMs };
}

/** From the first byte of the TLS connection to the first RTP packet, milliseconds. */
async function phoneJoinMs(stage: Stage): Promise<number> {
  const { server } = stage;
  const dialledMs = Date.now();
  await using phone = await RtpPhone.call({ uri: server.sip('meetme', 'welcome'), caFile: server.ready.ca });
  return (await waitFor('sound in the phone', () => phone.arrivalsMs[0], 10_000, 5)) - dialledMs;
}

function summary(who: string, times: number[]): string {
  times.sort((a, b) => a - b);
  return row(who, (times[Math.floor(times.length / 2)] ?? 0).toFixed(0), (times.at(-1) ?? 0).toFixed(0));
}

/** How long somebody waits who joins a room where another one talks. */
export async function benchJoin(print: (line: string) => void): Promise<void> {
  await using stage = await Stage.start();
  const { server } = stage;
  const talker = { uri: server.sip('meetme', 'welcome'), caFile: server.ready.ca, toneHz: 440 };
  await using _talker = await RtpPhone.call(talker);
  await using chromium = await Chromium.launch(server.ready.ca);
  const phones: number[] = [];
  const browsers: { sound: number; picture: number }[] = [];
  for (let index = 0; index < joins; index += 1) {
    phones.push(await phoneJoinMs(stage));
    browsers.push(await browserJoinMs(chromium, `${server.zone('meetme').https}/welcome`));
  }
  print(`from joining to the first mixed audio and picture, ms, ${joins} joins each`);
  print(row('', 'p50', 'max'));
  print(summary('phone', phones));
  print(
    summary(
      'browser',
      browsers.map(({ sound }) => sound),
    ),
  );
  print(
    summary(
      'picture',
      browsers.map(({ picture }) => picture),
    ),
  );
}
