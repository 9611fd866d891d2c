import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';
import { API, HOST, launch } from './browser.mjs';

const CLIENT = new URL('../../clients/typescript/', import.meta.url);
const IMPORTS = { '@repower/client': '/dist/index.js', 'openapi-fetch': '/node_modules/openapi-fetch/dist/index.mjs' };
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`;

let browser;
let site;
let api;
const servers = [];
/** The requests for messages that reached the server: method and status. */
const seen = [];

/** Starts a server on any port; returns its origin for the browser. */
async function serve(handle) {
  const server = createServer(handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://${HOST}:${server.address().port}`;
}

function servePage({ url }, response) {
  if (url === '/') return response.setHeader('Content-Type', 'text/html').end(PAGE);
  response.setHeader('Content-Type', 'text/javascript').end(readFileSync(new URL(`.${url}`, CLIENT)));
}

function forward(asked, response) {
  const sent = request(API + asked.url, { method: asked.method, headers: asked.headers }, (received) => {
    if (asked.url.includes('/messages?')) seen.push(`${asked.method} ${received.statusCode}`);
    response.writeHead(received.statusCode, received.headers);
    received.pipe(response);
  });
  asked.pipe(sent);
}

before(async () => {
  browser = await launch();
  site = await serve(servePage);
  api = await serve(forward);
});

after(async () => {
  await browser?.close();
  for (const server of servers) server.close();
});

test('an idle poll from a page of another origin is one request, and a 304', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site);
  await page.evaluate(
    async ({ baseUrl, run }) => {
      const { createClient } = await import('@repower/client');
      const connect = (settings) => createClient({ baseUrl, ...settings });
      const password = 'correct horse';
      const admin = connect();
      const { company } = await admin.register({
        email: `hr-${run}@example.com`, password, role: 'COMPANY_ADMIN', companyName: 'Nordwind', country: 'DK',
      });
      let pauses = 0;
      const controller = new AbortController();
      const tokens = { token: null, get: () => tokens.token, set: (token) => void (tokens.token = token), clear: () => {} };
      await connect({ tokens }).register({
        email: `ana-${run}@example.com`, password, role: 'TECHNICIAN', fullName: 'Ana Ruiz', country: 'ES',
      });
      const wait = async () => void ((pauses += 1) === 4 && controller.abort());
      const watching = connect({ tokens, wait });
      const thread = await watching.post('/api/chat/threads', { body: { companyId: company.id } });
      for await (const message of watching.pollThread(thread.id, { signal: controller.signal })) throw new Error(message.text);
    },
    { baseUrl: api, run: randomUUID() },
  );
  await context.close();
  assert.deepEqual(seen, ['OPTIONS 204', 'GET 200', 'GET 304', 'GET 304', 'GET 304']);
});
