/** An iterator that an error does not end: the next call of `next` tries again. */
export interface Resumable<T> extends AsyncIterableIterator<T> {
  next(): Promise<IteratorResult<T, undefined>>;
}

/**
 * An iterator that goes on after an error: the next call of `next` starts again. The state that it continues from is kept
 * outside of `start`. Calls are answered in their order.
 */
export function resumable<T>(start: () => AsyncGenerator<T, void, void>): Resumable<T> {
  let current = start();
  let before: Promise<unknown> = Promise.resolve();
  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const now = before.then(work);
    before = now.catch(() => {});
    return now;
  }
  const iterator: Resumable<T> = {
    next: () =>
      inTurn(async () => {
        try {
          const next = await current.next();
          return next.done ? { done: true, value: undefined } : next;
        } catch (thrown) {
          current = start();
          throw thrown;
        }
      }),
    return: () => inTurn(() => current.return()),
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
