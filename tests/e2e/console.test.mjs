// The host's console, with a host's token, on a phone and in an OBS dock of 300 px: keys with
// their QR codes, what the coach says, the encoder that goes away, a rehearsal that goes live.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { launchBrowser, openPage, picture, waitInPage } from './kit/browser.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

const isState = (wanted) => document.body.dataset.state === wanted;
const said = (page, id) => page.locator(`#${id}`).innerText();

// Every button that can be seen and reached is as large as a thumb.
const tooSmall = (page) => page.evaluate(() => [...document.querySelectorAll('button, a, label.choice')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 0)
  .filter((element) => element.getBoundingClientRect().height < 43.5)
  .map((element) => element.id || element.textContent));
const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

async function fits(page, words) {
  assert.deepEqual(await tooSmall(page), [], `${words}: smaller than a thumb`);
  assert.equal(await isWide(page), false, `${words}: wider than the screen`);
}

test('the host console', { timeout: 400000 }, async (t) => {
  const server = await startServer(t, { VITRINE_SHOW_LINGER: '30s' });
  const show = await server.api.show({ id: 'shop', title: 'Spring lipsticks', host: 'Ada' });
  await server.api.product('lip');
  const browser = await launchBrowser(t);
  const page = await openPage(browser, show.host_url, { hasTouch: true });
  await waitInPage(page, isState, 'off', 15000, 'the console does not open');
  const file = await sourceFile({ seconds: 60 });
  let key = '';

  await t.test('a key is made, shown once with QR codes, and listed', async () => {
    await page.locator('#menu-open').click();
    await page.locator('#menu-connect').click();
    await page.locator('#keys .key').first().waitFor();
    await fits(page, 'how to connect');
    await picture(page, 'console-keys');
    await page.locator('#key-new').click();
    await page.locator('[name=label]').fill("Ann's phone");
    await page.locator('[name=one_time]').check();
    await picture(page, 'console-key-form');
    await page.locator('#key-make').click();
    await page.locator('#made-sheet[open]').waitFor();
    key = await said(page, 'key');
    assert.ok(key.length > 10);
    for (const kind of ['rtmp', 'larix']) {
      await page.locator(`#code-${kind}`).click();
      await page.waitForFunction(() => document.getElementById('code').naturalWidth > 0, null, { timeout: 20000 });
      await fits(page, `code ${kind}`);
      await picture(page, `console-code-${kind}`);
    }
    await page.locator('#made-sheet [data-close]').click();
    await waitInPage(page, (secret) => !document.documentElement.outerHTML.includes(secret), key, 10000, 'the key is still in the page');
    await page.locator('#menu-open').click();
    await page.locator('#menu-connect').click();
    const row = page.locator('#keys .key', { hasText: "Ann's phone" });
    await row.waitFor();
    assert.match(await row.innerText(), /One time/);
    await page.locator('#connect-sheet [data-close]').click();
  });

  await t.test('settings: who comes second', async () => {
    await page.locator('#menu-open').click();
    await page.locator('#menu-settings').click();
    await page.locator('[name=policy][value=reject]').check();
    await until('the policy is set', async () => (await server.api.get('/api/shows/shop')).policy === 'reject');
    await fits(page, 'settings');
    await picture(page, 'console-settings');
    await page.locator('[name=policy][value=takeover]').check();
    await page.locator('[name=rehearsal]').check();
    await until('rehearsal is set', async () => (await server.api.get('/api/shows/shop')).rehearsal);
    await page.locator('#settings-sheet [data-close]').click();
    await waitInPage(page, isState, 'rehearsing', 20000, 'no rehearsal');
  });

  let encoder;
  await t.test('a rehearsal has pictures and cards, and nobody else sees it', async () => {
    encoder = publish(t, `${server.rtmp}/${key}`, file, { loop: true });
    await page.waitForFunction(() => document.querySelector('video').currentTime > 0.5, null, { timeout: 25000 });
    await page.locator('.pin').first().click();
    await page.locator('#now-card').waitFor({ state: 'visible', timeout: 15000 });
    await fits(page, 'rehearsal');
    await picture(page, 'console-rehearsal');
    assert.equal((await server.api.get('/live/shop/state')).state === 'live', false);
  });

  await t.test('a tap does not go live, holding does, on the same connection', async () => {
    const button = page.locator('#go-live');
    await button.hover();
    await page.mouse.down();
    await sleep(400);
    await picture(page, 'console-hold');
    await page.mouse.up();
    await sleep(1200);
    assert.equal((await server.api.get('/api/shows/shop')).state === 'live', false, 'a tap went live');
    await button.hover();
    await page.mouse.down();
    await sleep(1200);
    await page.mouse.up();
    await waitInPage(page, isState, 'live', 15000, 'not live');
    assert.equal(encoder.exit, undefined);
    await page.waitForFunction(() => document.querySelector('video').currentTime > 0.5, null, { timeout: 25000 });
    await sleep(4000);
    await picture(page, 'console-live');
  });

  await t.test('while the encoder is away the console says for how much longer', async () => {
    await encoder.stop('SIGKILL');
    await waitInPage(page, isState, 'away', 20000, 'not away');
    assert.match(await said(page, 'clock'), /ends in 0:[0-3]\d/);
    assert.match(await said(page, 'health'), /Back in a moment/);
    assert.match(await said(page, 'pin-hint'), /go on pinning/);
    await fits(page, 'away');
    await picture(page, 'console-away');
  });

  await t.test('what is pinned meanwhile is seen at once, also by who comes just then', async () => {
    const viewer = await openPage(browser, show.watch_url);
    await waitInPage(viewer, () => document.body.dataset.status === 'away', null, 10000, 'not away');
    if (/Hide/.test(await page.locator('.pin').first().innerText())) {
      await page.locator('.pin').first().click();
      await page.waitForFunction(() => document.querySelector('.pin').textContent === 'Pin', null, { timeout: 10000 });
    }
    await page.locator('.pin').first().click();
    await viewer.locator('#cards .card').first().waitFor({ state: 'visible', timeout: 10000 });
    await page.waitForFunction(() => document.querySelector('.pin').textContent === 'Hide', null, { timeout: 10000 });
    await picture(viewer, 'console-away-viewer');
    assert.equal(await said(viewer, 'viewers-count'), '1', 'the console counts as a viewer');
    await viewer.context().close();
  });

  await t.test('the coach speaks in single lines, also in a dock and in other languages', async () => {
    const silent = await sourceFile({ seconds: 60, gop: 180, audio: false });
    encoder = publish(t, `${server.rtmp}/${show.stream_key}`, silent, { loop: true });
    const backup = publish(t, `${server.rtmp}/${show.stream_key}?backup=1`, file, { loop: true });
    await page.waitForFunction(() => /Keyframe every 6/.test(document.body.innerText) && /No sound/.test(document.body.innerText), null, { timeout: 30000 });
    await page.waitForFunction(() => /Backup stands by/.test(document.body.innerText), null, { timeout: 15000 });
    await fits(page, 'findings');
    const heights = await page.evaluate(() => [...document.querySelectorAll('#notes button')].map((button) => button.offsetHeight));
    assert.ok(heights.length >= 2 && heights.every((height) => height < 60), `lines of ${heights} px`);
    await picture(page, 'console-findings');
    for (const [name, more] of Object.entries({
      dock: { width: 300, height: 700, colorScheme: 'dark' },
      arabic: { locale: 'ar', colorScheme: 'dark' },
      wide: { width: 1280, height: 800, locale: 'de' },
    })) {
      const other = await openPage(browser, show.host_url, more);
      await other.locator('#notes li').first().waitFor({ timeout: 15000 });
      await other.waitForFunction(() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 5, null, { timeout: 25000 });
      await fits(other, name);
      await picture(other, `console-${name}`);
      await other.context().close();
    }
    await backup.stop();
  });

  await t.test('the encoder is disconnected with a reason, and its key revoked', async () => {
    await page.locator('#menu-open').click();
    await page.locator('#menu-kick').click();
    await page.locator('[name=reason]').fill('wrong camera');
    await fits(page, 'kick');
    await picture(page, 'console-kick');
    await page.locator('#kick-form .danger').click();
    await encoder.gone;
    await page.locator('#kick-sheet').waitFor({ state: 'hidden' });
    await page.locator('#menu-open').click();
    await page.locator('#menu-connect').click();
    const row = page.locator('#keys .key', { hasText: "Ann's phone" });
    await row.locator('.revoke').click();
    assert.equal((await server.api.get('/api/shows/shop/keys')).keys.length, 2, 'one tap revokes nothing');
    await row.locator('.revoke').click();
    await row.waitFor({ state: 'detached', timeout: 20000 });
    assert.equal((await server.api.get('/api/shows/shop/keys')).keys.length, 1);
  });

  assert.deepEqual(page.complaints.filter((words) => !/shop\.example|503|404/.test(words)), []);
});
