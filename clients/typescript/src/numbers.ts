/** Rejects numbers that JSON does not have: written as null, they would clear a field. */
export function checkNumbers(path: string, query: unknown, body: unknown): void {
  check(path, "query", query);
  check(path, "body", body);
}

function check(path: string, place: string, value: unknown): void {
  const isNumber = typeof value === "number";
  if (isNumber ? !Number.isFinite(value) : value instanceof Date && Number.isNaN(value.getTime())) {
    throw new TypeError(`${place} of ${path} must be ${isNumber ? "a finite number" : "a valid date"}; it is ${String(value)}.`);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    check(path, Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`, entry);
  }
}
