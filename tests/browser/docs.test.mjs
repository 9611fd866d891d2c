import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { API, launch, visit } from './browser.mjs';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const WIDE = { viewport: { width: 1280, height: 900 } };

let browser;
let api;
let email;
let token;

before(async () => {
  browser = await launch();
  api = await call('/api/openapi.json');
  email = `ana-${randomUUID()}@example.com`;
  const body = { email, password: 'correct horse', role: 'TECHNICIAN', fullName: 'Ana Ruiz', country: 'Spain' };
  token = (await call('/api/auth/register', body)).data.token;
});

after(() => browser?.close());

async function call(path, body) {
  const request = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(API + path, request);
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

/** Opens the page, waits for the document, and runs `act`; asserts that there are no problems. */
async function read(name, options, act) {
  const problems = await visit(browser, '/docs', name, options, async (page) => {
    await page.locator('.opblock').first().waitFor();
    await act(page);
  });
  assert.deepEqual(problems, []);
}

/** Calls an operation by the form of the page. */
async function tryOut(page, method, path) {
  const operation = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  const result = operation.locator('.live-responses-table .response');
  const status = await result.locator('.response-col_status').innerText();
  const body = await result.locator('.response-col_description .highlight-code code').first().innerText();
  return { status: status.trim(), body, curl: await operation.locator('.curl').innerText() };
}

async function authorise(page) {
  await page.locator('.auth-wrapper').getByRole('button', { name: 'Authorize' }).click();
  const dialog = page.locator('.dialog-ux');
  await dialog.locator('input').fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await dialog.waitFor({ state: 'detached' });
}

test('the page shows every operation of the document, each under its tags', async () => {
  const written = Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).flatMap((method) =>
      (item[method].tags ?? ['default']).map((tag) => `${tag}: ${method} ${path}`),
    ),
  );
  await read('overview', WIDE, async (page) => {
    const shown = await page.locator('.opblock-tag-section').evaluateAll((sections) =>
      sections.flatMap((section) =>
        [...section.querySelectorAll('.opblock')].map((block) => {
          const method = block.querySelector('.opblock-summary-method').textContent.toLowerCase();
          const path = block.querySelector('[data-path]').dataset.path;
          return `${section.querySelector('.opblock-tag').dataset.tag}: ${method} ${path}`;
        }),
      ),
    );
    assert.deepEqual(shown.sort(), written.sort());
  });
});

test('the tags are in the order of the document', async () => {
  await read('tags', WIDE, async (page) => {
    const shown = await page.locator('.opblock-tag').evaluateAll((tags) => tags.map((tag) => tag.dataset.tag));
    assert.deepEqual(shown, api.tags.map((tag) => tag.name));
  });
});

test('a user with a token calls operations, and the token is sent', async () => {
  await read('tried', WIDE, async (page) => {
    await authorise(page);
    const jobs = await tryOut(page, 'get', '/api/jobs');
    assert.equal(jobs.status, '200');
    assert.deepEqual(JSON.parse(jobs.body).data, []);
    const me = await tryOut(page, 'get', '/api/users/me');
    assert.equal(me.status, '200');
    assert.ok(me.curl.includes(`Authorization: Bearer ${token}`), me.curl);
    assert.equal(JSON.parse(me.body).data.user.email, email);
  });
});

test('a reload deletes the token', async () => {
  await read('forgotten', WIDE, async (page) => {
    await authorise(page);
    await page.reload();
    await page.locator('.auth-wrapper .authorize.unlocked').waitFor();
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  });
});

test('the page fits the width of a phone', async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  await read('phone', phone, async (page) => {
    const [width, visible] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(width <= visible, `${width} of ${visible}`);
  });
});

test('the page is dark with a dark colour scheme', async () => {
  await read('dark', { ...WIDE, colorScheme: 'dark' }, async (page) => {
    await tryOut(page, 'get', '/api/jobs');
    const colour = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const [red, green, blue] = colour.match(/\d+/g).map(Number);
    assert.ok(red + green + blue < 200, colour);
  });
});

/** The operations that are shown, as `get /api/jobs`. */
const shown = (page) =>
  page.locator('.opblock').evaluateAll((blocks) =>
    blocks.map((block) => {
      const method = block.querySelector('.opblock-summary-method').textContent.toLowerCase();
      return `${method} ${block.querySelector('[data-path]').dataset.path}`;
    }),
  );

test('the list shows who may call each operation', async () => {
  await read('callers', WIDE, async (page) => {
    const callers = await page.locator('.opblock').evaluateAll((blocks) =>
      blocks.map((block) => [block.querySelector('[data-path]').dataset.path, block.querySelector('.callers').textContent]),
    );
    const of = (path) => callers.filter(([shown]) => shown === path).map(([, who]) => who);
    assert.deepEqual(of('/api/jobs'), ['public', 'COMPANY_ADMIN, COMPANY_MANAGER, COMPANY_RECRUITER']);
    assert.deepEqual(of('/api/users/me'), ['any user']);
    assert.deepEqual(of('/api/admin/users'), ['SUPER_ADMIN']);
    assert.equal(of('/api/jobs/{id}')[0], 'public, or any user');
  });
});

test('the filter finds operations by words of path, summary and role', async () => {
  await read('filter', WIDE, async (page) => {
    const all = await page.locator('.opblock').count();
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.fill('PASSWORD');
    await page.waitForFunction((all) => document.querySelectorAll('.opblock').length < all, all);
    assert.deepEqual(await shown(page), ['post /api/users/me/password']);
    await filter.fill('chat post mark');
    await page.waitForFunction(() => document.querySelector('.opblock [data-path="/api/chat/threads/{id}/read"]'));
    assert.deepEqual(await shown(page), ['post /api/chat/threads/{id}/read']);
    await filter.fill('super_admin');
    await page.waitForFunction(() => document.querySelector('.opblock [data-path="/api/admin/users"]'));
    assert.ok((await shown(page)).every((operation) => operation.includes(' /api/admin/')));
    await filter.fill('');
    await page.waitForFunction((all) => document.querySelectorAll('.opblock').length === all, all);
  });
});

test('the example of a 400 is one of the operation', async () => {
  await read('example', WIDE, async (page) => {
    for (const [method, path, field] of [['post', '/api/auth/login', 'email'], ['get', '/api/jobs', 'limit']]) {
      const operation = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
      await operation.locator('.opblock-summary-control').click();
      const response = operation.locator('.responses-wrapper tr.response[data-code="400"]');
      assert.match(await response.innerText(), /validation_failed/);
      const options = await response.locator('select.examples-select-element option').allTextContents();
      if (options.length > 0) await response.locator('select.examples-select-element').selectOption('validation_failed');
      assert.match(await response.locator('.highlight-code').innerText(), new RegExp(`"field": "${field}"`));
    }
  });
});

test('fewer than 700 KB are sent before the first operation is shown', async () => {
  const sizes = [];
  const problems = await visit(browser, '/docs', 'size', WIDE, async (page) => {
    // Routing turns the browser's cache off.
    await page.route('**', (route) => route.continue());
    page.on('response', async (response) => sizes.push((await response.request().sizes()).responseBodySize));
    await page.reload();
    await page.locator('.opblock').first().waitFor();
  });
  assert.deepEqual(problems, []);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(sizes.length >= 6 && bytes > 100_000 && bytes < 700_000, `${bytes} bytes in ${sizes}`);
});
