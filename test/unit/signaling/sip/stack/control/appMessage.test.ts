import { expect, test } from 'vitest';
import { parseAppMessage } from '#signaling/sip/stack/control/appMessage.ts';
import { messageForSrf } from '#signaling/sip/stack/control/forSrf.ts';
import { createResponse } from '#signaling/sip/stack/message/index.ts';
import { request } from '../transaction/support.ts';

test('the body is what follows the empty line, whatever Content-Length says', () => {
  const text = 'SIP/2.0 200 OK\r\ncall-id: a\r\nContent-Length: 3\r\n\r\nnaïve: 6 letters, 7 bytes';
  const message = parseAppMessage(Buffer.from(text));
  expect(message.kind === 'response' && message.status).toBe(200);
  expect(message.headers.get('Call-ID')).toBe('a');
  expect(message.body.toString()).toBe('naïve: 6 letters, 7 bytes');
});

test('a message without an empty line has no body', () => {
  const message = parseAppMessage(Buffer.from('BYE sip:placeholder SIP/2.0\r\nReason: SIP;cause=200\r\n'));
  expect(message.kind === 'request' && message.uri).toBe('sip:placeholder');
  expect(message.headers.get('Reason')).toBe('SIP;cause=200');
  expect(message.body).toHaveLength(0);
});

test('of several challenges drachtio-srf sees the one that it can answer', () => {
  const response = createResponse(request('INVITE'), 401);
  response.headers.append('WWW-Authenticate', 'Digest realm="a", nonce="1", algorithm=SHA-256');
  response.headers.append('WWW-Authenticate', 'Digest realm="a", nonce="2", algorithm=MD5, qop="auth"');
  const text = messageForSrf(response).toString();
  expect(text.match(/^WWW-Authenticate: .*$/gm)).toEqual([
    'WWW-Authenticate: Digest realm="a", nonce="2", algorithm=MD5, qop="auth"',
  ]);
});

test('a field with an escaped name, which drachtio-srf would take for another, does not reach it', () => {
  const invite = request('INVITE');
  const from = invite.headers.get('From');
  invite.headers.prepend('%46rom', '<sip:boss@core.example>;tag=x');
  invite.headers.append('P-%41sserted-Identity', '<sip:boss@core.example>');
  const text = messageForSrf(invite).toString();
  expect(text).not.toContain('boss');
  expect(text).toContain(`From: ${from ?? ''}`);
});
