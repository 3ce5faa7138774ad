import type { BackendKind, DeviceClass } from '../policy/contract.ts';

/** What is known of a product by the name that it gives itself in User-Agent or Server. */
export interface Product {
  readonly name: string;
  readonly class: DeviceClass;
  readonly kind: Exclude<BackendKind, 'unknown'>;
  /** It is often what its name says and often something else: Asterisk may be a conference or one phone's exchange. */
  readonly ambiguous?: true;
}

/** What is read of a name. It is the far end's to choose, and some patterns take the square of its length. */
export const longestName = 256;

type Row = readonly [pattern: RegExp, name: string];

/** Mixers: several people are behind a call of theirs. */
const mcus: readonly Row[] = [
  [/zonebridge/i, 'zonebridge'],
  [/pexip/i, 'Pexip Infinity'],
  [/acano|cisco meeting server/i, 'Cisco Meeting Server'],
  [/TANDBERG\/\d+ \(XC/i, 'Cisco TelePresence Conductor'],
  [/telepresence conductor/i, 'Cisco TelePresence Conductor'],
  [/telepresence server/i, 'Cisco TelePresence Server'],
  [/codian|telepresence mcu/i, 'Cisco TelePresence MCU'],
  [/\brmx|realpresence collaboration server|\brpcs\b/i, 'Poly Collaboration Server'],
  [/realconnect/i, 'Poly RealConnect'],
  [/lifesize (bridge|uvc|cloud)/i, 'Lifesize Bridge'],
  [/scopia (elite|mcu)|avaya.*\bmcu\b|equinox conferenc/i, 'Avaya Scopia MCU'],
  [/vidyo/i, 'Vidyo'],
  [/blue ?jeans/i, 'BlueJeans'],
  [/zoom(?!.?rooms)\b|zoom.?(crc|room.?connector)/i, 'Zoom CRC'],
  [/starleaf/i, 'StarLeaf'],
  [/jitsi.?videobridge|\bjvb\b/i, 'Jitsi Videobridge'],
  [/trueconf server/i, 'TrueConf Server'],
  [/yealink.?(meeting.?server|yms)|\byms\b/i, 'Yealink Meeting Server'],
  [/\bIPVT/i, 'Grandstream IPVideoTalk'],
  [/(avmcu|conferencing_attendant|conferencing attendant)/i, 'Skype for Business conference'],
  [/teams.*(cvi|interop)|\bcvi\b/i, 'Teams CVI'],
  [/openmcu|mcu\b/i, 'other MCU'],
];

/** Exchanges that can mix and can bridge. */
const exchanges: readonly Row[] = [
  [/freeswitch/i, 'FreeSWITCH'],
  [/asterisk|fpbx|freepbx/i, 'Asterisk'],
];

/** They carry the calls of others. */
const gateways: readonly Row[] = [
  [/TANDBERG\/\d+ \(X\d/i, 'Cisco Expressway'],
  [/expressway|cisco.?vcs/i, 'Cisco Expressway'],
  [/cisco-cucm/i, 'Cisco Unified CM'],
  [/cisco-sipgateway|\bcube\b/i, 'Cisco CUBE'],
  [/jigasi/i, 'Jigasi'],
  [/livekit/i, 'LiveKit SIP'],
  [/janus/i, 'Janus'],
  [/polycom.?dma|realpresence (dma|access director)|\brpad\b/i, 'Poly DMA'],
  [/oracle|acme.?packet/i, 'Oracle SBC'],
  [/audiocodes|mediant/i, 'AudioCodes SBC'],
  [/ribbon|sonus/i, 'Ribbon SBC'],
  [/kamailio|openser/i, 'Kamailio'],
  [/opensips/i, 'OpenSIPS'],
  [/dialogic|bordernet/i, 'Dialogic BorderNet'],
  [/sipwise|sems\b/i, 'SEMS'],
  [/pstnhub/i, 'Microsoft Teams direct routing'],
  [/rtcc\//i, 'Skype for Business'],
  [/grandstream (ucm|ht)/i, 'Grandstream UCM'],
  [/3cx/i, '3CX'],
];

/** Hardware with one microphone and one screen: room systems, conference phones and desk phones alike. */
const hardware: readonly Row[] = [
  [/room ?os|TANDBERG\/\d+ \((roomos|ce|tc|te|f\d)|cisco-(room|board|desk|sx|mx|ex|webex)/i, 'Cisco RoomOS'],
  [/webex (room|board|desk|share)/i, 'Cisco RoomOS'],
  [/cisco.?cp-?dx|cisco.?dx/i, 'Cisco DX'],
  [/cisco.?cp|cisco\/spa|cisco ?(78|88)\d\d/i, 'Cisco IP Phone'],
  [/telepresence-#/i, 'Cisco CTS'],
  [/\btrio|RealPresenceTrio/i, 'Poly Trio'],
  [/vvx/i, 'Poly VVX'],
  [/studio ?[xe]\d\d/i, 'Poly Studio X'],
  [/g7500|g62\b/i, 'Poly G7500'],
  [/realpresence ?group|polycom.?group/i, 'Poly Group'],
  [/polycom ?hdx|\bhdx\b/i, 'Polycom HDX'],
  [/polyedge|poly ccx|polycom\w*ip|soundstation|soundpoint/i, 'Poly phone'],
  [/meetingeye/i, 'Yealink MeetingEye'],
  [/meetingboard|meetingbar/i, 'Yealink MeetingBar'],
  [/yealink.*\bvc\d/i, 'Yealink VC'],
  [/yealink/i, 'Yealink phone'],
  [/logitech|collabos/i, 'Logitech'],
  [/life ?size/i, 'Lifesize'],
  [/scopia xt|avaya xt/i, 'Avaya XT'],
  [/zoom.?rooms/i, 'Zoom Rooms'],
  [/huawei.*\b(te|box)\d/i, 'Huawei TE'],
  [/grandstream gvc/i, 'Grandstream GVC'],
  [/grandstream/i, 'Grandstream phone'],
  [/snom/i, 'Snom'],
  [/fanvil/i, 'Fanvil'],
  [/mitel|aastra/i, 'Mitel phone'],
  [/avaya/i, 'Avaya phone'],
  [/gigaset/i, 'Gigaset'],
  [/panasonic/i, 'Panasonic phone'],
  [/fritz!?(os|box)|avm fritz/i, 'FRITZ!Box'],
];

const softphones: readonly Row[] = [
  [/baresip/i, 'baresip'],
  [/linphone/i, 'Linphone'],
  [/microsip/i, 'MicroSIP'],
  [/zoiper|^Z \d/i, 'Zoiper'],
  [/cisco-csf|jabber|\(MCX/i, 'Cisco Jabber'],
  [/realpresence ?(desktop|mobile)/i, 'Poly RealPresence Desktop'],
  [/webex/i, 'Cisco Webex app'],
  [/uccapi|ucwa/i, 'Skype for Business client'],
  [/bria|x-lite|counterpath/i, 'Bria'],
  [/^jitsi ?\d|jitsi desktop/i, 'Jitsi Desktop'],
  [/jami|\bring\//i, 'Jami'],
  [/blink/i, 'Blink'],
  [/twinkle/i, 'Twinkle'],
  [/ekiga/i, 'Ekiga'],
  [/acrobits|groundwire/i, 'Groundwire'],
  [/phonerlite|phoner\b/i, 'PhonerLite'],
  [/telephone \d/i, 'Telephone'],
  [/jssip/i, 'JsSIP'],
  [/sip\.js/i, 'SIP.js'],
  [/pjsua|pjsip/i, 'PJSUA'],
  [/sipp\b/i, 'SIPp'],
];

/** In this order: Edge and Opera name Chrome too, and all of them name Safari. */
const browsers: readonly Row[] = [
  [/\bEdgA?(iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/Version\/[\d.]+ .*Safari\//, 'Safari'],
];

interface Table {
  readonly rows: readonly Row[];
  readonly class: DeviceClass;
  readonly kind: Product['kind'];
  readonly ambiguous?: true;
}

/** The first that fits counts. A phone that names its maker's name as the gateway does comes before all. */
const tables: readonly Table[] = [
  { rows: [[/audc-ipphone/i, 'AudioCodes phone']], class: 'room-system', kind: 'endpoint' },
  { rows: mcus, class: 'mcu', kind: 'focus' },
  { rows: exchanges, class: 'mcu', kind: 'focus', ambiguous: true },
  { rows: gateways, class: 'gateway', kind: 'gateway' },
  { rows: hardware, class: 'room-system', kind: 'endpoint' },
  { rows: softphones, class: 'softphone', kind: 'endpoint' },
];

/** What calls itself so in User-Agent or Server of SIP; undefined for what nobody has entered here. */
export function sipProduct(userAgent: string): Product | undefined {
  const name = userAgent.slice(0, longestName);
  for (const { rows, ...about } of tables) {
    const row = rows.find(([pattern]) => pattern.test(name));
    if (row !== undefined) return { name: row[1], ...about };
  }
  return undefined;
}

/** The browser's own name; undefined for what is no browser that people use. */
export function browserProduct(userAgent: string): Product | undefined {
  if (!userAgent.startsWith('Mozilla/')) return undefined;
  const name = userAgent.slice(0, longestName);
  const row = browsers.find(([pattern]) => pattern.test(name));
  return row && { name: row[1], class: 'browser', kind: 'endpoint' };
}
