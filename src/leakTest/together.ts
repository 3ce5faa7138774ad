type Results<T extends readonly Promise<unknown>[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/** Like Promise.all, but what was begun has ended when it throws, so that nothing is opened after its owner was closed. */
export async function together<const T extends readonly Promise<unknown>[]>(begun: T): Promise<Results<T>> {
  await Promise.allSettled(begun);
  return Promise.all(begun);
}
