import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '#zones/backend/classify.ts';
import { labelOf } from '#zones/backend/labelOf.ts';

const poly = 'Polycom RealPresence Group 500/6.2.2';

test('an MCU that pretends to be one endpoint with five behind it is a focus', () => {
  const backend = classify({ signs: ['sdp-ssrcs=1'], userAgent: poly, contributors: 5 });
  expect(backend.kind).toBe('focus');
  expect(backend.confidence).toBe('high');
  expect(backend.evidence.slice(0, 2)).toEqual(['csrc=5', 'user-agent=Poly Group']);
});

test('a plain Poly is an endpoint, though only by its own word', () => {
  expect(classify({ signs: ['sdp-ssrcs=1'], userAgent: poly, contributors: 0 })).toEqual({
    kind: 'endpoint',
    evidence: ['user-agent=Poly Group', 'sdp-ssrcs=1'],
    confidence: 'medium',
  });
});

test('a phone that lists the conference package, as Yealinks do, stays an endpoint', () => {
  const backend = classify({
    signs: ['allow-events=conference', 'sdp-videos=2'],
    userAgent: 'Yealink SIP-T28P 2.61.0.70',
  });
  expect(backend).toMatchObject({ kind: 'endpoint', confidence: 'medium' });
});

test('a room system that mixes guests itself says isfocus and is a focus, with a doubt that is told', () => {
  const backend = classify({ signs: ['isfocus'], userAgent: poly });
  expect(backend).toMatchObject({ kind: 'focus', confidence: 'low' });
  expect(backend.evidence).toEqual(['isfocus', 'user-agent=Poly Group']);
});

test('a mixer that says what it is, by product or by isfocus, is a focus with high confidence', () => {
  for (const userAgent of ['Acano CallBridge', 'Pexip Infinity Conferencing Platform/28', 'zonebridge']) {
    expect(classify({ signs: [], userAgent })).toMatchObject({ kind: 'focus', confidence: 'high' });
  }
  expect(classify({ signs: ['isfocus'] })).toMatchObject({ kind: 'focus', confidence: 'high' });
});

test('an exchange that may be a conference or one phone is a focus with low confidence until something more is seen', () => {
  const userAgent = 'Asterisk PBX 20.5.0';
  expect(classify({ signs: [], userAgent })).toMatchObject({ kind: 'focus', confidence: 'low' });
  expect(classify({ signs: ['isfocus'], userAgent })).toMatchObject({ kind: 'focus', confidence: 'high' });
  expect(classify({ signs: [], userAgent, contributors: 3 })).toMatchObject({ confidence: 'high' });
});

test('a border controller is a gateway, and a focus behind it is a focus', () => {
  const userAgent = 'TANDBERG/4137 (X12.5.9)';
  expect(classify({ signs: [], userAgent })).toMatchObject({ kind: 'gateway', confidence: 'high' });
  expect(classify({ signs: ['isfocus'], userAgent })).toMatchObject({ kind: 'focus', confidence: 'high' });
});

test('an announced roster of several is a focus, one of one is not', () => {
  expect(classify({ signs: [], userAgent: poly, announced: 4 })).toMatchObject({
    kind: 'focus',
    confidence: 'high',
  });
  expect(classify({ signs: [], userAgent: poly, announced: 1 }).kind).toBe('endpoint');
});

test('one contributor makes an endpoint doubtful', () => {
  expect(classify({ signs: [], userAgent: poly, contributors: 1 })).toMatchObject({
    kind: 'endpoint',
    confidence: 'low',
  });
});

test('the same product in User-Agent and Server counts once and is told of both', () => {
  const backend = classify({ signs: [`server=${poly}`, 'user-agent=polycom'], userAgent: poly });
  expect(backend.evidence).toEqual(['server=Poly Group', 'user-agent=Poly Group']);
  expect(backend.confidence).toBe('medium');
});

test('a phone that nobody knows is unknown, and what was seen of it is kept', () => {
  expect(classify({ signs: ['allow-events=conference'], userAgent: 'Super Phone/1.2' })).toEqual({
    kind: 'unknown',
    evidence: ['allow-events=conference', 'user-agent=Super Phone'],
    confidence: 'low',
  });
  expect(classify({ signs: [] })).toEqual({ kind: 'unknown', evidence: [], confidence: 'low' });
});

test('whatever a caller says of itself, two or more contributors make it a focus of high confidence', () => {
  const sign = fc.oneof(
    fc.constantFrom('isfocus', 'allow-events=conference', 'sdp-ssrcs=9', 'sdp-videos=x', '=', 'server='),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(sign), fc.option(fc.string(), { nil: undefined }), (signs, userAgent) => {
      const seen = { signs, contributors: 2, ...(userAgent === undefined ? {} : { userAgent }) };
      expect(classify(seen)).toMatchObject({ kind: 'focus', confidence: 'high' });
    }),
  );
});

test('the label names the partner and who may be behind the call, and nobody else', () => {
  const focus = classify({ signs: [], userAgent: poly, contributors: 5 });
  const phone = classify({ signs: [], userAgent: poly });
  expect(labelOf(focus, 'acme', true)).toBe('partner: acme, several people behind this call');
  expect(labelOf(focus, 'acme', false)).toBe('several people behind this call');
  expect(labelOf(phone, 'acme', true)).toBe('partner: acme');
  expect(labelOf(phone, 'own', true)).toBeUndefined();
  expect(labelOf(phone, 'guest', true)).toBeUndefined();
  expect(labelOf(classify({ signs: [], userAgent: 'Asterisk' }), 'guest', true)).toBe(
    'perhaps several people behind this call',
  );
});
