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

/** A storage that other tabs of the browser use too. */
export interface SharedTokenStore extends TokenStore {
  /**
   * Calls back when another tab has logged in (with the token) or out (with null). Returns the function that ends it. Only
   * `localStorage` is shared; a browser tells nothing of the own tab, and without a browser there are no tabs.
   */
  watch(changed: (token: string | null) => void): () => void;
}

/** Stores the token in `sessionStorage` or `localStorage`, where every script of the page can read it. */
export function storedTokens(storage: KeyValueStorage, key = "repower.token"): SharedTokenStore {
  return {
    get: () => storage.getItem(key),
    set: (token) => storage.setItem(key, token),
    clear: () => storage.removeItem(key),
    watch: (changed) => {
      const page = globalThis as Partial<typeof globalThis>;
      const told = (event: StorageEvent) => {
        // Without a key, the whole storage was cleared.
        const isOurs = event.storageArea === storage && (event.key === key || event.key === null);
        if (isOurs) changed(event.key === null ? null : event.newValue);
      };
      page.addEventListener?.("storage", told);
      return () => page.removeEventListener?.("storage", told);
    },
  };
}
