import { expect, test } from 'vitest';
import { agreeAsUac, agreeAsUas, refuseInterval } from '#signaling/sip/stack/dialog/sessionIntervals.ts';
import { request, response } from '../transaction/support.ts';

type Headers = readonly (readonly [string, string])[];

function asUas(asked: Headers, answered: Headers = []) {
  const invite = request('INVITE', asked);
  const answer = response(invite, 200);
  for (const [name, value] of answered) answer.headers.append(name, value);
  const interval = agreeAsUas(invite, answer);
  const { headers } = answer;
  return { interval, sessionExpires: headers.get('Session-Expires'), require: headers.get('Require') };
}

test('a caller that can refresh does so unless he asks us to', () => {
  const able = ['Supported', 'timer'] as const;
  expect(asUas([able, ['Session-Expires', '1800']])).toEqual({
    interval: { seconds: 1800, refresher: 'peer' },
    sessionExpires: '1800;refresher=uac',
    require: 'timer',
  });
  expect(asUas([able, ['Session-Expires', '600;refresher=uas']])).toEqual({
    interval: { seconds: 600, refresher: 'us' },
    sessionExpires: '600;refresher=uas',
    require: undefined,
  });
});

test('a caller that cannot refresh is refreshed by us, and without an interval there is none', () => {
  expect(asUas([['Session-Expires', '90']]).interval).toEqual({ seconds: 90, refresher: 'us' });
  expect(asUas([]).interval).toBeUndefined();
});

test("the application's interval counts before the caller's", () => {
  const answered: Headers = [['Session-Expires', '300;refresher=uas']];
  expect(asUas([['Session-Expires', '1800']], answered).interval).toEqual({ seconds: 300, refresher: 'us' });
});

test('as caller we refresh unless the callee wants to', () => {
  const answer = response(request('INVITE'), 200);
  expect(agreeAsUac(answer)).toBeUndefined();
  answer.headers.set('Session-Expires', '120; refresher=uas');
  expect(agreeAsUac(answer)).toEqual({ seconds: 120, refresher: 'peer' });
  answer.headers.set('Session-Expires', '120;refresher=uac');
  expect(agreeAsUac(answer)).toEqual({ seconds: 120, refresher: 'us' });
});

test('an interval below the minimum is refused with the minimum', () => {
  const options = { minSessionSeconds: 90 };
  expect(refuseInterval(request('INVITE', [['Session-Expires', '89']]), options)).toEqual({
    status: 422,
    headers: [['Min-SE', '90']],
  });
  expect(refuseInterval(request('INVITE', [['Session-Expires', '90']]), options)).toBeUndefined();
  expect(refuseInterval(request('INFO', [['Session-Expires', '1']]), options)).toBeUndefined();
});
