import { ZonebridgeError } from '#kernel/index.ts';
import type { Application, Sent, UserAgent } from '../dialog/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { parseAppMessage } from './appMessage.ts';
import type { AppLink, Command } from './AppLink.ts';
import { describeMessage } from './wire.ts';

/** Does what an application asks for and tells it what was sent. Throws when it could not be. */
export async function perform(link: AppLink, command: Command, userAgent: UserAgent): Promise<void> {
  const { id, type, tokens } = command;
  if (type === 'proxy') {
    throw new ZonebridgeError(
      'unavailable',
      'this engine does not proxy: answer the request, or use a B2BUA',
    );
  }
  if (type !== 'sip') throw new ZonebridgeError('invalid-argument', `unknown command ${type}`);
  const [transactionId = '', dialogId = '', proxy = ''] = tokens;
  const draft = parseAppMessage(command.message);
  if (draft.kind === 'response') {
    const sent = userAgent.server.respond(link, transactionId, draft);
    link.answer(id, `OK|${described(sent)}|${sent.id}|${sent.dialogId}||Msg sent:|`, sent.message.toBuffer());
    return;
  }
  const sent = await request(link, draft, { transactionId, dialogId, proxy }, userAgent);
  link.answer(id, `OK|${described(sent)}|${sent.id}|Msg sent:|`, sent.message.toBuffer());
}

interface Addressed {
  readonly transactionId: string;
  readonly dialogId: string;
  readonly proxy: string;
}

function request(
  owner: Application,
  draft: Parameters<UserAgent['client']['send']>[1],
  { transactionId, dialogId, proxy }: Addressed,
  { client }: UserAgent,
): Promise<Sent<SipRequest>> | Sent<SipRequest> {
  if (draft.method === 'CANCEL') return client.cancel(owner, transactionId, draft);
  if (draft.method === 'ACK') return client.acknowledge(owner, dialogId, draft);
  if (dialogId !== '') return client.sendInDialog(owner, dialogId, draft);
  return client.send(owner, draft, proxy === '' ? undefined : proxy);
}

function described({ message, flow }: Sent<SipRequest | SipResponse>): string {
  return describeMessage('application', message.sizeBytes, flow);
}
