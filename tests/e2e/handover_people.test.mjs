// A server that is replaced, as people see it: viewers, a host at the console, and an
// encoder that comes back by its own rules.
// Alone: it judges players.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, openPage, picture, startPages, waitInPage } from './kit/browser.mjs';
import { certificate } from './kit/certificates.mjs';
import { publishObs } from './kit/encoders.mjs';
import { fetchText, firstPlaylist, parsePlaylist } from './kit/playlist.mjs';
import { sourceFile, supervise } from './kit/publisher.mjs';
import { startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { isStatus, longestStall, openWatch, pageNow } from './kit/viewer.mjs';
import { until } from './kit/wait.mjs';

const test = together('a server that is replaced, as people see it');

const LATE_MS = 30000; // for the whole of it, on a busy machine

const playlistOf = async (server, id) => {
  const { status, text } = await fetchText(server.url(`/live/${id}/video.m3u8`));
  return status === 200 ? parsePlaylist(text) : null;
};
const mediaBehind = async (server, id, msn) =>
  (await playlistOf(server, id))?.segments.filter((segment) => segment.msn > msn && segment.duration && !segment.gap).length ?? 0;

test('viewers keep their page, and the host the console', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, { VITRINE_WORKERS: '2' });
  const show = await server.api.show({ id: 'shop', title: 'Spring lipsticks', host: 'Ada' });
  await server.api.product('lip');
  supervise(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  await firstPlaylist(server.url('/live/shop/video.m3u8'));
  const browser = await launchBrowser(t);
  const pages = await startPages(t);
  const watch = await openWatch(browser, server.url('/watch/shop'), { isMobile: true, hasTouch: true });
  const foreign = await openPage(browser, `${pages}/page.html?base=${encodeURIComponent(server.http)}&show=shop&hls=1.7`);
  await waitInPage(foreign, () => window.seen?.frames.length > 30, null, LATE_MS, 'no picture with hls.js');
  const host = await openPage(browser, show.host_url, { isMobile: true, hasTouch: true });
  await server.api.pin('shop', 'lip');
  const card = watch.locator('a[href="https://shop.example/p/lip"]:visible').first();
  await card.waitFor({ timeout: LATE_MS });
  await waitInPage(host, () => /Live/i.test(document.body.innerText), null, LATE_MS, 'the console does not say that it is live');

  const from = { watch: await pageNow(watch), foreign: await pageNow(foreign) };
  const began = Date.now();
  const replaced = server.handOver().then(() => Date.now() - began);
  await waitInPage(watch, isStatus, 'away', LATE_MS, 'viewers are not told');
  await card.click({ trial: true, timeout: LATE_MS });
  await picture(watch, 'handover-viewer');
  await picture(host, 'handover-host');
  await waitInPage(host, () => /Connecting to the server again/.test(document.body.innerText), null, LATE_MS, 'the host is not told of the line');
  await picture(host, 'handover-host-line');
  const tookMs = await replaced;
  await waitInPage(watch, isStatus, 'live', LATE_MS, 'the page does not come back');
  const back = { watch: await pageNow(watch), foreign: await pageNow(foreign) };
  for (const [name, page] of [['watch', watch], ['foreign', foreign]])
    await waitInPage(page, (now) => window.seen.frames.filter((frame) => frame.now > now).length > 60, back[name], LATE_MS, `${name}: the picture does not move again`);
  await picture(watch, 'handover-viewer-back');
  await picture(host, 'handover-host-back');
  const stalls = { watch: await longestStall(watch, from.watch), foreign: await longestStall(foreign, from.foreign) };
  const facts = await watch.evaluate(() => ({ same: window.same, blank: window.seen.blank, statuses: window.seen.statuses.map(({ status }) => status) }));
  const errors = await foreign.evaluate(() => window.seen.errors);
  t.diagnostic(`replaced after ${tookMs} ms; no new picture for ${Math.round(stalls.watch)} ms on our page, ${Math.round(stalls.foreign)} ms with hls.js and the library; ${facts.statuses}; ${[...new Set(errors.map(({ details }) => details))]}`);
  assert.equal(facts.same, true, 'the page was loaded anew');
  assert.equal(facts.blank, 0, 'there was a moment without a picture');
  assert.deepEqual(facts.statuses.slice(-2), ['away', 'live'], 'viewers were told something else');
  assert.ok(await card.isVisible(), 'the card is gone');
  assert.deepEqual(errors.filter(({ fatal }) => fatal), []);
  assert.ok(await foreign.evaluate(() => window.shop.cards.length > 0), 'the card is gone on the page of others');
  await waitInPage(host, () => document.getElementById('lost').hidden && !/Connecting/.test(document.body.innerText), null, LATE_MS, 'the console has no line to the server again');
  const said = await host.evaluate(() => document.body.innerText);
  assert.doesNotMatch(said, /error|failed|not found/i);
});

test('ffmpeg over TLS and OBS are there again', { timeout: 180000, skip: process.env.VITRINE_SKIP_OBS ? 'VITRINE_SKIP_OBS is set: this machine is too slow for OBS' : false }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-handover-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const trusted = join(dir, 'trusted');
  mkdirSync(trusted);
  const pair = certificate(dir, 'a');
  copyFileSync(pair.certificate, join(trusted, 'a.pem'));
  const server = await startServer(t, { VITRINE_RTMPS_LISTEN: '127.0.0.1:0', VITRINE_TLS_CERTIFICATE: pair.certificate, VITRINE_TLS_KEY: pair.key, VITRINE_WORKERS: '2' });
  const shows = { tls: await server.api.show({ id: 'tls' }), obs: await server.api.show({ id: 'obs' }) };
  const ffmpeg = supervise(t, `${server.rtmps}/${shows.tls.stream_key}`, await sourceFile({ seconds: 110 }));
  publishObs(t, server.rtmp, shows.obs.stream_key);
  const before = {};
  for (const id of ['tls', 'obs']) {
    await until(`media of ${id}`, () => mediaBehind(server, id, 0), 60000);
    before[id] = (await server.api.get(`/api/shows/${id}`)).publisher.session;
  }
  const newest = {};
  for (const id of ['tls', 'obs']) newest[id] = (await playlistOf(server, id)).openMsn;
  const began = Date.now();
  await server.handOver();
  for (const id of ['tls', 'obs']) {
    await until(`media of ${id} again`, () => mediaBehind(server, id, newest[id]), 60000);
    t.diagnostic(`${id}: media again after ${Date.now() - began} ms at the latest`);
    const { state, publisher } = await server.api.get(`/api/shows/${id}`);
    assert.equal(state, 'live');
    assert.notEqual(publisher.session, before[id]);
    assert.ok(!(await playlistOf(server, id)).ended);
  }
  assert.equal(ffmpeg.starts, 2);
});
