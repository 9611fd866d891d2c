import { RepowerError } from "./errors.js";

/** The longest time that timers take; more is no limit. */
const LONGEST = 2 ** 31 - 1;

/**
 * Fetches and reads the whole body, so that an incomplete response is a failure, as is one that takes longer than `timeout`
 * milliseconds; 0 and `Infinity` are no limit.
 */
export async function fetchWithin(
  timeout: number,
  fetch: (request: Request) => Promise<Response>,
  request: Request,
): Promise<{ response: Response; text: string }> {
  const controller = new AbortController();
  const stop = () => controller.abort(request.signal.reason);
  const late = () => controller.abort(new DOMException(`No response within ${timeout} ms.`, "TimeoutError"));
  if (request.signal.aborted) stop();
  request.signal.addEventListener("abort", stop, { once: true });
  const timer = timeout > 0 && timeout <= LONGEST ? setTimeout(late, timeout) : undefined;
  try {
    const response = await fetch(new Request(request, { signal: controller.signal }));
    return { response, text: await response.text() };
  } catch (cause) {
    if (request.signal.aborted) throw request.signal.reason;
    const isLate = controller.signal.aborted;
    const message = isLate ? "The server did not respond in time." : "The server could not be reached.";
    const failure = { success: false, code: "network_failure", message, details: null } as const;
    throw new RepowerError(failure, { cause: isLate ? controller.signal.reason : cause });
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", stop);
  }
}
