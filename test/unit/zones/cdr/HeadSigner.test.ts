import { expect, test } from 'vitest';
import { HeadSigner } from '#zones/cdr/HeadSigner.ts';
import type { SigningKey } from '#zones/cdr/SigningKey.ts';
import type { RecordStore, SignedHead } from '#zones/cdr/store.ts';

/** With one record, of 2026-01-10. */
class OneRecord implements Pick<RecordStore, 'last' | 'heads' | 'addHead'> {
  readonly signed: SignedHead[] = [];
  questions = 0;

  last(): ReturnType<RecordStore['last']> {
    this.questions += 1;
    return Promise.resolve({ sequence: 1, hash: 'ab', day: '2026-01-10' });
  }

  heads(): Promise<readonly SignedHead[]> {
    this.questions += 1;
    return Promise.resolve(this.signed);
  }

  addHead(head: SignedHead): Promise<void> {
    this.questions += 1;
    this.signed.push(head);
    return Promise.resolve();
  }
}

function signer(store: OneRecord): HeadSigner {
  const key: Pick<SigningKey, 'sign'> = { sign: () => 'signature' };
  return new HeadSigner(store as unknown as RecordStore, key as SigningKey);
}

test('a day is signed once, when it is over', async () => {
  const store = new OneRecord();
  const heads = signer(store);
  await heads.signBefore('2026-01-10');
  expect(store.signed).toEqual([]);
  for (const day of ['2026-01-11', '2026-01-12']) await heads.signBefore(day);
  await heads.sign();
  expect(store.signed).toMatchObject([{ sequence: 1, day: '2026-01-10', signature: 'signature' }]);
});

test('what was begun before is over when the last signing is, so that the store can be closed', async () => {
  const store = new OneRecord();
  const heads = signer(store);
  const before = heads.signBefore('2026-01-11');
  await heads.sign();
  const { questions } = store;
  await before;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(store.questions).toBe(questions);
  expect(store.signed).toHaveLength(1);
});
