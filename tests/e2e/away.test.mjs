// The encoder goes away and comes back: what a viewer on our own page sees of it. Only the
// gap itself, over the last picture, with cards that can be bought; nothing is loaded anew.
// Alone: it judges how long the picture stands still.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser, openPage, picture, startPages, waitInPage } from './kit/browser.mjs';
import { firstPlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { isStatus, longestStall, movesAfter, openWatch, pageNow } from './kit/viewer.mjs';
import { until } from './kit/wait.mjs';

const test = together('an encoder that goes away and comes back');

const LINGER_S = 15;
const AWAY_MS = 12000; // until it is said; a lingering show would be over before long
const LATE_MS = 5000; // from media on the server to a picture that moves: a part, and a busy machine

const movesIn = ({ width, now }) => window.seen.frames.find((frame) => frame.now > now && frame.width === width);
const playsOn = ({ back, n }) => window.seen.frames.filter((frame) => frame.now > back).length >= n;
const framesAt = (page) => page.evaluate(() => window.seen.frames.length);

// A show on the air with a card, and the encoder that may be killed and started again.
async function goLive(t) {
  const server = await startServer(t, { VITRINE_SHOW_LINGER: `${LINGER_S}s` });
  const show = await server.api.show({ id: 'shop', title: 'Spring lipsticks', host: 'Ada' });
  await server.api.product('lip');
  await server.api.product('nail');
  const file = await sourceFile({ seconds: 60 });
  const start = (source = file) => publish(t, `${server.rtmp}/${show.stream_key}`, source, { loop: true });
  const encoder = start();
  await firstPlaylist(server.url('/live/shop/video.m3u8'));
  await server.api.pin('shop', 'lip');
  return { server, start, encoder };
}

const cardOf = (page, sku) => page.locator(`a[href="https://shop.example/p/${sku}"]:visible`).first();

const discontinuities = async (server) => {
  const text = await (await fetch(server.url('/live/shop/video.m3u8'))).text();
  return (text.match(/^#EXT-X-DISCONTINUITY$/gm) ?? []).length;
};

test('the host goes away and comes back', { timeout: 400000 }, async (t) => {
  const live = await goLive(t);
  const { server, start } = live;
  let { encoder } = live;
  const silent = await sourceFile({ seconds: 60, audio: false });
  const browser = await launchBrowser(t);
  const phone = await openWatch(browser, server.url('/watch/shop'), { isMobile: true, hasTouch: true, colorScheme: 'dark' });
  await cardOf(phone, 'lip').waitFor({ timeout: 20000 });
  await phone.locator('#sound').click();
  await picture(phone, 'away-before');

  const liveAgain = () => until('media flows again', async () => (await server.api.get('/live/shop/state')).live);

  // Kills the encoder, waits, starts it again; what the viewer saw of it.
  async function drop(page, pauseMs, again, name) {
    const from = await pageNow(page);
    const killed = Date.now();
    await encoder.stop('SIGKILL');
    await waitInPage(page, isStatus, 'away', AWAY_MS, 'the page does not say that the host is away');
    const told = Date.now() - killed;
    await sleep(600); // the veil has come down
    await picture(page, `${name}-away`);
    const seen = await page.evaluate(() => ({
      words: document.getElementById('notice').innerText,
      muted: document.getElementById('video').muted,
    }));
    await cardOf(page, 'lip').click({ trial: true, timeout: 20000 }); // nothing lies over it
    await sleep(Math.max(0, killed + pauseMs - Date.now()));
    encoder = again();
    await liveAgain();
    const gap = Date.now() - killed;
    const back = await pageNow(page);
    await waitInPage(page, movesAfter, back, LATE_MS * 2, 'the picture does not come back');
    await waitInPage(page, isStatus, 'live', LATE_MS * 2, 'the page still says that the host is away');
    await waitInPage(page, playsOn, { back, n: 30 }, LATE_MS * 2, 'the picture does not play on');
    const stall = await longestStall(page, from);
    const facts = await page.evaluate(() => ({ same: window.same, blank: window.seen.blank, behind: document.getElementById('video').buffered.end(document.getElementById('video').buffered.length - 1) - document.getElementById('video').currentTime, muted: document.getElementById('video').muted }));
    const cuts = await discontinuities(server);
    t.diagnostic(`${name}: away for ${gap} ms, told after ${told} ms, no new picture for ${Math.round(stall)} ms; ${cuts} discontinuities; ${facts.behind.toFixed(2)} s of buffer ahead`);
    await picture(page, `${name}-back`);
    assert.equal(facts.same, true, 'the page was loaded anew');
    assert.equal(facts.blank, 0, 'there was a moment without a picture');
    assert.equal(facts.muted, seen.muted, 'the sound is not as it was');
    assert.ok(stall <= gap + LATE_MS, `no new picture for ${stall} ms, the gap was ${gap} ms`);
    assert.ok(await framesAt(page) > 0);
    return { cuts, words: seen.words, muted: facts.muted };
  }

  await t.test('for 3 seconds', async () => {
    const { cuts, words, muted } = await drop(phone, 3000, start, 'away-3s');
    assert.equal(cuts, 0, 'the same codec data needs no discontinuity');
    assert.match(words, /Back in a moment/);
    assert.equal(muted, false, 'sound was on');
  });

  await t.test('for 8 seconds, and a product is pinned meanwhile', async () => {
    const pinned = sleep(5000).then(() => server.api.pin('shop', 'nail'));
    const { cuts } = await drop(phone, 8000, start, 'away-8s');
    await pinned;
    assert.equal(cuts, 0);
    await phone.locator('a[href="https://shop.example/p/nail"]').first().waitFor({ state: 'attached', timeout: 20000 });
  });

  await t.test('and comes back with another device, upright', async () => {
    const upright = await sourceFile({ seconds: 20, size: '360x640' });
    const before = await pageNow(phone);
    const { cuts } = await drop(phone, 4000, () => start(upright), 'away-device');
    assert.equal(cuts, 1, 'other codec data is one discontinuity');
    await waitInPage(phone, movesIn, { width: 360, now: before }, LATE_MS * 2, 'the picture has not turned');
  });

  await t.test('and comes back without a microphone, then with one', async () => {
    await drop(phone, 3000, () => start(silent), 'away-silent');
    await drop(phone, 3000, start, 'away-sound');
    // More than was decoded before the silence and is still played.
    const before = await phone.evaluate(() => document.getElementById('video').webkitAudioDecodedByteCount);
    await waitInPage(phone, (bytes) => document.getElementById('video').webkitAudioDecodedByteCount > bytes + 64000, before, 20000, 'no sound');
  });

  await t.test('and does not come back: the show is over, until somebody publishes again', async () => {
    await encoder.stop('SIGKILL');
    await waitInPage(phone, isStatus, 'away', AWAY_MS, 'not away');
    await waitInPage(phone, isStatus, 'ended', (LINGER_S + 10) * 1000, 'not ended');
    await picture(phone, 'away-ended');
    const from = await pageNow(phone);
    encoder = start();
    await waitInPage(phone, movesAfter, from, 20000, 'the picture does not come back');
    await waitInPage(phone, isStatus, 'live', LATE_MS * 2, 'still ended');
    assert.equal(await phone.evaluate(() => window.same), true);
    assert.deepEqual(phone.complaints.filter((words) => !/shop\.example|503/.test(words)), []);
  });
});

// Somebody else's page, with nothing but hls.js and the library.
async function openForeign(browser, pages, server, line) {
  const page = await openPage(browser, `${pages}/page.html?base=${encodeURIComponent(server.http)}&show=shop&hls=${line}`);
  await waitInPage(page, () => window.seen?.frames.length > 30 && window.shop.cards.length > 0, null, 30000, 'no picture');
  await page.evaluate(() => {
    window.aways = [];
    window.shop.addEventListener('away', ({ detail }) => window.aways.push({ ...detail, now: performance.now() }));
    window.cardsBefore = window.seen.cards.length;
  });
  return page;
}

test('pages of others, and our own in all its shapes, say so too', { timeout: 240000 }, async (t) => {
  const { server, start, encoder } = await goLive(t);
  const browser = await launchBrowser(t);
  const pages = await startPages(t);
  let second;

  await t.test('hls.js 1.7 and 1.6 on a page of their own: the library says away, and back', async () => {
    const foreign = {};
    for (const line of ['1.7', '1.6']) foreign[line] = await openForeign(browser, pages, server, line);
    await encoder.stop('SIGKILL');
    for (const [line, page] of Object.entries(foreign))
      await waitInPage(page, () => window.aways.length === 1 && window.shop.away, null, AWAY_MS, `hls.js ${line}: the library does not say away`);
    await sleep(3000);
    second = start();
    for (const [line, page] of Object.entries(foreign)) {
      await waitInPage(page, () => window.aways.length === 2, null, 20000, `hls.js ${line}: the library does not say back`);
      const { aways, frame, cards } = await page.evaluate(() => ({
        aways: window.aways, cards: window.seen.cards.slice(window.cardsBefore),
        frame: window.seen.frames.find(({ now }) => now > window.aways[1].now - 1000),
      }));
      assert.deepEqual(aways.map(({ away }) => away), [true, false]);
      assert.ok(Math.abs(aways[0].since_ms - Date.now()) < 60000 && aways[1].since_ms === null);
      assert.ok(frame, 'back without a picture');
      assert.ok(cards.every((event) => event.cards.length > 0), 'the card went away');
      t.diagnostic(`hls.js ${line}: away for ${Math.round(aways[1].now - aways[0].now)} ms by the library`);
      await page.context().close();
    }
  });

  await t.test('on a wide screen and from right to left, by day and by night', async () => {
    const shapes = {
      wide: { width: 1280, height: 800, colorScheme: 'light' },
      night: { width: 1280, height: 800, colorScheme: 'dark', locale: 'de' },
      arabic: { isMobile: true, locale: 'ar', colorScheme: 'light' },
    };
    const open = {};
    for (const [name, shape] of Object.entries(shapes)) {
      open[name] = await openWatch(browser, server.url('/watch/shop'), shape);
      await cardOf(open[name], 'lip').waitFor({ timeout: 20000 });
    }
    await second.stop('SIGKILL');
    for (const [name, page] of Object.entries(open)) {
      await waitInPage(page, isStatus, 'away', AWAY_MS, `${name}: not away`);
      await sleep(300); // the veil has come down
      await picture(page, `away-${name}`);
      assert.equal(await page.evaluate(() => window.seen.blank), 0);
    }
    start();
    for (const [name, page] of Object.entries(open)) {
      await waitInPage(page, isStatus, 'live', 12000, `${name}: not back`);
      await page.context().close();
    }
  });
});
