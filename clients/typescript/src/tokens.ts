/** Where the token is kept. Each function may answer at once or later. */
export interface TokenStore {
  /** The token; null where nobody is signed in. */
  get(): string | null | Promise<string | null>;
  /** Keeps a token in place of the one before. */
  set(token: string): void | Promise<void>;
  /** Forgets the token. */
  clear(): void | Promise<void>;
}

/** Keeps the token in memory: it is gone with the page. */
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

/** The part of `localStorage` and `sessionStorage` that is used. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Keeps the token in `sessionStorage` or `localStorage`, where every script of the page can read it. */
export function storedTokens(storage: KeyValueStorage, key = "repower.token"): TokenStore {
  return {
    get: () => storage.getItem(key),
    set: (token) => storage.setItem(key, token),
    clear: () => storage.removeItem(key),
  };
}
