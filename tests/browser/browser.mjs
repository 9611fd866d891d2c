import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** A host name of the server that is not localhost, which browsers treat as secure. */
export const HOST = 'repower.test';
const TIMEOUT = 60_000;
const SCREENSHOTS = fileURLToPath(new URL('../../target/browser/', import.meta.url));

/** The URL of the server for this program. */
export const API = process.env.API;
if (!API) throw new Error('API is missing: run make test-browser');

/** The URL of the server for the browser. */
export const SITE = `http://${HOST}:${new URL(API).port}`;

/** Starts a browser that resolves the host of the server only. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: [
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1, MAP * ~NOTFOUND`,
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

/**
 * Opens a page, runs `act` on it, and takes a screenshot. Returns the problems: errors, violations of the content
 * security policy, error responses, and requests to other servers.
 */
export async function visit(browser, path, name, options, act) {
  const context = await browser.newContext(options);
  try {
    context.setDefaultTimeout(TIMEOUT);
    const page = await context.newPage();
    const problems = await watch(page);
    try {
      await page.goto(SITE + path);
      await act(page);
    } finally {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
      if (problems.length > 0) console.error(`${name}:`, problems);
    }
    return problems;
  } finally {
    await context.close();
  }
}

async function watch(page) {
  const problems = [];
  await page.exposeFunction('reportViolation', (violation) => problems.push(`policy: ${violation}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.reportViolation(`${event.effectiveDirective} forbids ${event.blockedURI} in ${event.sourceFile}`),
    );
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('websocket', (socket) => problems.push(`websocket: ${socket.url()}`));
  page.on('requestfailed', (request) => {
    // The browser aborts requests when a page is left.
    const cause = request.failure()?.errorText;
    if (cause !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()}: ${cause}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== SITE) problems.push(`other server: ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return problems;
}
