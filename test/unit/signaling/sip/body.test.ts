import { expect, test } from 'vitest';
import { sessionBody } from '#signaling/sip/body.ts';

function message(body: string, headers: Readonly<Record<string, string>>): Parameters<typeof sessionBody>[0] {
  return { body, get: (name) => headers[name] };
}

const multipart = { 'Content-Type': 'multipart/alternative; boundary=b' };

test('a message without a body has no description, whatever its headers say', () => {
  expect(sessionBody(message('', { 'Content-Type': 'text/plain' }))).toBe('');
});

test('the type is read without case and parameters', () => {
  expect(sessionBody(message('v=0', { 'Content-Type': 'Application/SDP; charset=utf-8' }))).toBe('v=0');
});

test('of a multipart body the description is taken, in any place', () => {
  const parts = [
    'content-type: text/plain\r\n\r\nhello',
    'X: y\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=x',
  ];
  const body = parts.map((part) => `--b\r\n${part}\r\n`).join('') + '--b--\r\n';
  expect(sessionBody(message(`preamble\r\n${body}`, multipart))).toBe('v=0\r\nm=x');
});

test.each([
  ['no type', {}, 'v=0'],
  ['another type', { 'Content-Type': 'text/plain' }, 'v=0'],
  ['no boundary', { 'Content-Type': 'multipart/mixed' }, '--b\r\nContent-Type: application/sdp\r\n\r\nv=0'],
  ['no description in its parts', multipart, '--b\r\nContent-Type: text/plain\r\n\r\nv=0\r\n--b--'],
  ['parts without an end of their heads', multipart, '--b\r\nContent-Type: application/sdp'],
  ['a packed body', { 'Content-Type': 'application/sdp', 'Content-Encoding': 'gzip' }, 'v=0'],
])('a body with %s is refused with 415', (_what, headers, body) => {
  expect(sessionBody(message(body, headers))).toMatchObject({ status: 415 });
});
