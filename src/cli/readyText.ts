import type { PhoneFolders } from './phoneFolders.ts';
import type { ReadyReport } from './readyReport.ts';

/** The same for a person, with how to make a first call. */
export function readyText(report: ReadyReport, phones?: PhoneFolders): string {
  return [
    '',
    'zonebridge is ready.',
    '',
    ...report.zones.flatMap(({ name, sip, https, rooms }) => [
      `  zone ${name}`,
      ...rooms.flatMap((room) => [`    ${https}/${room}`, `    ${sip.replace('{room}', room)}`]),
    ]),
    '',
    ...(phones === undefined ? [] : firstCall(report, phones)),
    ...(report.ca === null ? [] : trust(report.ca)),
    ...(report.ownerKey === null ? [] : owner(report.ownerKey)),
    'Ctrl-C says goodbye to every call and stops; a second one stops at once.',
    '',
  ].join('\n');
}

function firstCall({ zones }: ReadyReport, { soundCard, tone }: PhoneFolders): readonly string[] {
  const zone = zones.find(({ name }) => name === 'meetme') ?? zones[0];
  const uri = zone?.sip.replace('{room}', zone.rooms[0] ?? '').replace(';transport=tls', '');
  if (uri === undefined) return [];
  return [
    'Dial with baresip (apt-get install baresip baresip-ffmpeg baresip-x11), which sends a test picture:',
    `  baresip -f ${shellWord(soundCard)} -e '/dial ${uri}'`,
    'or, without a sound card and a screen, say a tone and find what was heard as WAV files in that folder:',
    `  baresip -f ${shellWord(tone)} -e '/dial ${uri}'`,
    '  (type /snapshot_recv seen.png there to keep what it sees)',
    '',
  ];
}

function trust(ca: string): readonly string[] {
  return [
    'Make a browser trust the test CA, which can sign for localhost only:',
    `  ${ca}`,
    '  Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import',
    '  Chromium (libnss3-tools; once, then start it again):',
    `    mkdir -p $HOME/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n zonebridge-test -i ${shellWord(ca)}`,
    '',
  ];
}

function owner(key: string): readonly string[] {
  return [
    'Call records are sealed for an example owner, whose private key is here (in earnest it is never on the server):',
    `  ${key}`,
    '',
  ];
}

/** The commands are pasted into a shell. */
function shellWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
