import { expect, test } from 'vitest';
import { Closable } from '#kernel/index.ts';

class Part extends Closable {
  readonly #released: string[];
  readonly #name: string;
  readonly #failure: Error | undefined;

  constructor(name: string, released: string[], failure?: Error) {
    super();
    this.#name = name;
    this.#released = released;
    this.#failure = failure;
  }

  adopt<T extends Closable>(child: T): T {
    return this.own(child);
  }

  protected async release(reason: string): Promise<void> {
    await Promise.resolve();
    this.#released.push(`${this.#name}: ${reason}`);
    if (this.#failure !== undefined) throw this.#failure;
  }
}

test('closing releases children before their owner, newest first, with one reason', async () => {
  const released: string[] = [];
  const owner = new Part('owner', released);
  owner.adopt(new Part('first', released));
  owner.adopt(new Part('second', released)).adopt(new Part('grandchild', released));
  await owner.close('the end');
  expect(released).toEqual(['grandchild: the end', 'second: the end', 'first: the end', 'owner: the end']);
});

test('closing twice releases once, and both callers wait for it; the first reason wins', async () => {
  const released: string[] = [];
  const part = new Part('part', released);
  await Promise.all([part.close('one'), part.close('two')]);
  expect(released).toEqual(['part: one']);
  await expect(part.whenClosed).resolves.toBe('one');
});

test('it counts as closed from the moment that closing starts', () => {
  const part = new Part('part', []);
  expect(part.closed).toBe(false);
  void part.close('now');
  expect(part.closed).toBe(true);
});

test('a child that was closed alone is not closed again with its owner', async () => {
  const released: string[] = [];
  const owner = new Part('owner', released);
  const child = owner.adopt(new Part('child', released));
  await child.close('alone');
  await owner.close('all');
  expect(released).toEqual(['child: alone', 'owner: all']);
});

test('a child that comes to a closed owner is closed at once', async () => {
  const released: string[] = [];
  const owner = new Part('owner', released);
  await owner.close('early');
  await owner.adopt(new Part('late', released)).whenClosed;
  expect(released).toEqual(['owner: early', 'late: its owner is closed']);
});

test('a child that is made while its owner closes is closed too', async () => {
  const released: string[] = [];
  const owner = new Part('owner', released);
  const closing = owner.close('now');
  const late = owner.adopt(new Part('late', released));
  await Promise.all([closing, late.whenClosed]);
  expect(released.toSorted()).toEqual(['late: its owner is closed', 'owner: now']);
});

test('what fails to close does not keep the rest open, and is thrown afterwards', async () => {
  const released: string[] = [];
  const owner = new Part('owner', released);
  owner.adopt(new Part('good', released));
  owner.adopt(new Part('bad', released, new Error('stuck')));
  await expect(owner.close('end')).rejects.toThrow('stuck');
  expect(released).toEqual(['bad: end', 'good: end', 'owner: end']);
  await expect(owner.whenClosed).resolves.toBe('end');
});

test('several failures are thrown together', async () => {
  const owner = new Part('owner', [], new Error('one'));
  owner.adopt(new Part('child', [], new Error('two')));
  const failure = await owner.close('end').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AggregateError);
  expect((failure as AggregateError).errors.map(String)).toEqual(['Error: two', 'Error: one']);
});

test('await using closes it', async () => {
  const released: string[] = [];
  {
    await using part = new Part('part', released);
    expect(part.closed).toBe(false);
  }
  expect(released).toEqual(['part: disposed']);
});
