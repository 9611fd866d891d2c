import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** A name of the server that nobody takes for a developer's own machine. */
const HOST = 'repower.test';
const PATIENCE = 60_000;
const PICTURES = fileURLToPath(new URL('../../target/browser/', import.meta.url));

/** Where the server is, as this program asks it. */
export const API = process.env.API;
if (!API) throw new Error('API is missing: run make test-browser');

/** Where the server is, as the browser asks it. */
export const SITE = `http://${HOST}:${new URL(API).port}`;

/** Starts a browser that finds the server and no other host. */
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
 * Opens a page of the site, runs `act` on it and takes a picture. Answers what went wrong on the way: errors, violations
 * of the content security policy, answers other than success, and requests to anybody but the server.
 */
export async function visit(browser, path, name, options, act) {
  const context = await browser.newContext(options);
  try {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const complaints = await watch(page);
    try {
      await page.goto(SITE + path);
      await act(page);
    } finally {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true });
      if (complaints.length > 0) console.error(`${name}:`, complaints);
    }
    return complaints;
  } finally {
    await context.close();
  }
}

async function watch(page) {
  const complaints = [];
  await page.exposeFunction('tellViolation', (violation) => complaints.push(`policy: ${violation}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.tellViolation(`${event.effectiveDirective} forbids ${event.blockedURI} in ${event.sourceFile}`),
    );
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('websocket', (socket) => complaints.push(`websocket: ${socket.url()}`));
  page.on('requestfailed', (request) => {
    // What is under way when a page is left is given up by the browser itself.
    const cause = request.failure()?.errorText;
    if (cause !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}: ${cause}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== SITE) complaints.push(`elsewhere: ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}
