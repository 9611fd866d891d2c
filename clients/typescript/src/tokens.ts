/** The storage of the token. Its functions may be synchronous or asynchronous. */
export interface TokenStore {
  /** Returns the token; null without a login. */
  get(): string | null | Promise<string | null>;
  /** Stores a token instead of the previous one. */
  set(token: string): void | Promise<void>;
  /** Deletes the token. */
  clear(): void | Promise<void>;
}

/** Stores the token in memory, until the page is closed. */
export function memoryTokens(token: string | null = null): TokenStore {
  return {
    get: () => token,
    set: (next) => {
      token = next;
    },
    clear: () => {
      token = null;
    },
  };
}

/** The used part of `localStorage` and `sessionStorage`. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Stores the token in `sessionStorage` or `localStorage`, where every script of the page can read it. */
export function storedTokens(storage: KeyValueStorage, key = "repower.token"): TokenStore {
  return {
    get: () => storage.getItem(key),
    set: (token) => storage.setItem(key, token),
    clear: () => storage.removeItem(key),
  };
}
