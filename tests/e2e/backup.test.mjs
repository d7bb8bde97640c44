// Two encoders on one show: the one that stands by takes over from one that is frozen or
// killed, and gives the show back. Viewers keep their playlists and their page.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readInit, readMedia } from './kit/boxes.mjs';
import { launchBrowser, openPage, picture, startPages, waitInPage } from './kit/browser.mjs';
import { SequenceChecker } from './kit/checker.mjs';
import { publishGstreamer } from './kit/encoders.mjs';
import { fetchText, firstPlaylist, parsePlaylist } from './kit/playlist.mjs';
import { decodeErrors, packets, publish, sourceFile } from './kit/publisher.mjs';
import { Recorder } from './kit/recorder.mjs';
import { KEPT, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { isStatus, longestStall, openWatch, pageNow } from './kit/viewer.mjs';
import { until } from './kit/wait.mjs';

const test = together('two encoders on one show');

const SILENT_MS = 1000; // without media: the backup's turn
const WELL_MS = 10000; // a primary that is back has the show again
const GOP_MS = 2000;
const SLOW_MS = 20000; // for what a busy machine may add to what is waited for
const LATE_MS = 8000; // and to how long a picture stands still
const IDLE = { VITRINE_RTMP_IDLE: '60s' }; // a frozen encoder is silent, and not cut

// Two files with one configuration; the backup's pictures are half as bright.
const primaryFile = (options) => sourceFile({ video: 'bframes', ...options });
const backupFile = (options) => sourceFile({ video: 'bframes', filter: 'lutyuv=y=val/2', ...options });
const onLoop = (t, address, file) => publish(t, address, file, { loop: true });

const rolesOf = async (server, id) => {
  const { publisher, backup } = await server.api.get(`/api/shows/${id}`);
  return `${publisher?.role ?? 'nobody'}, ${backup?.role ?? 'nobody'}`;
};
const roles = (server, id, wanted, withinMs = SLOW_MS) =>
  until(`publisher and backup: ${wanted}`, async () => await rolesOf(server, id) === wanted, withinMs);
const switches = async (server) => Number(/^vitrine_standby_switches_total (\d+)$/m.exec((await fetchText(`${server.admin}/metrics`)).text)?.[1]);

// So many more segments with media than there are now.
async function moreSegments(server, id, n) {
  const address = server.url(`/live/${id}/video.m3u8`);
  const { openMsn } = parsePlaylist((await fetchText(address)).text);
  await until(`${n} more segments of ${id}`, async () =>
    parsePlaylist((await fetchText(address)).text).segments.filter((segment) => segment.msn > openMsn && !segment.gap).length >= n, n * GOP_MS * 2 + SLOW_MS);
}

// Between the last picture of one encoder and the first of another there may be less than a
// part: then the part in front of it is short, which is told to the host.
const isShortPart = (breach) => / under 85 % of /.test(breach);

// Records a rendition, and judges the sequence of its playlists.
function watch(server, id, rendition) {
  const checker = new SequenceChecker(rendition);
  const recorder = new Recorder(server.http, id, rendition, { onPlaylist: (text) => checker.push(text) });
  const running = recorder.run(180000);
  return {
    recorder,
    // isLive: an encoder that makes its pictures now may be too late with some, which the host
    // is told.
    async stop(nSwitches, { isLive = false } = {}) {
      recorder.stop();
      await running;
      const short = new Set(checker.breaches.filter(isShortPart).map((breach) => / part ([\d.]+) /.exec(breach)[1]));
      assert.deepEqual(checker.breaches.filter((breach) => !isShortPart(breach)), []);
      const isTold = isLive && server.log.includes('finding parts_short');
      assert.ok(short.size <= nSwitches || isTold, `short parts ${[...short]}, ${nSwitches} switches`);
      assert.ok(!recorder.last.ended, 'the playlists were ended');
      assert.ok(!recorder.statuses.includes(404));
      const numbers = [...recorder.segments.keys()];
      assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i), 'segment numbers are missing');
    },
  };
}

const discontinuities = ({ recorder }) => [...recorder.segments.values()].filter((segment) => segment.discontinuity).length;

// All that was recorded, by initialisation section.
async function assertDecodes(id, { recorder }) {
  const folder = join(KEPT, `backup-${id}`);
  mkdirSync(folder, { recursive: true });
  for (const [i, [uri, init]] of [...recorder.inits].entries()) {
    const media = [...recorder.segments.values()].filter((segment) => segment.bytes && segment.map === uri).map(({ bytes }) => bytes);
    const file = join(folder, `${recorder.rendition}${i}.mp4`);
    writeFileSync(file, Buffer.concat([init, ...media]));
    assert.equal(await decodeErrors(file), '');
  }
}

// Whose pictures were shown, one after the other: [{ who, first, last, ms, gapMs }], each with
// all pictures from a key frame on, or the chain is broken.
async function turns({ recorder }, files) {
  const known = new Map();
  const counts = {};
  for (const [who, file] of Object.entries(files)) {
    const { list } = await packets(file, 'v');
    counts[who] = list.length;
    list.forEach(({ hash }, i) => known.set(hash, { who, i }));
  }
  const { trex, timescale } = readInit(recorder.init());
  const found = [];
  let end = null;
  for (const sample of recorder.media().flatMap((bytes) => readMedia(bytes, trex).samples)) {
    const { who, i } = known.get(`MD5:${createHash('md5').update(sample.data).digest('hex')}`) ?? assert.fail('a picture that nobody sent');
    const turn = found.at(-1);
    if (turn?.who === who && i === (turn.i + 1) % counts[who]) {
      turn.i = i;
      turn.n += 1;
    } else {
      assert.ok(sample.key, `${who} begins with a picture that cannot be decoded`);
      found.push({ who, i, n: 1, gapMs: end === null ? 0 : Math.round((sample.dts - end) * 1000 / timescale) });
    }
    assert.ok(end === null || sample.dts >= end, 'times go back');
    end = sample.dts + sample.duration;
  }
  return found;
}

test('a frozen encoder, one that comes back, and a killed one', { timeout: 180000 }, async (t) => {
  const server = await startServer(t, IDLE);
  const show = await server.api.show({ id: 'pair' });
  const address = `${server.rtmp}/${show.stream_key}`;
  const files = { primary: await primaryFile(), backup: await backupFile() };
  const primary = onLoop(t, address, files.primary);
  await firstPlaylist(server.url('/live/pair/video.m3u8'));
  const views = [watch(server, 'pair', 'video'), watch(server, 'pair', 'audio')];
  const backup = onLoop(t, `${address}?backup=1`, files.backup);
  await roles(server, 'pair', 'primary, backup');
  await moreSegments(server, 'pair', 2);
  const told = await server.api.get('/api/shows/pair');
  assert.notEqual(told.publisher.session, told.backup.session);
  assert.equal(await switches(server), 0, 'the backup did not wait');

  const frozen = Date.now();
  primary.child.kill('SIGSTOP');
  await roles(server, 'pair', 'backup, primary', SILENT_MS + GOP_MS + SLOW_MS);
  const taken = Date.now() - frozen;
  assert.equal((await server.api.get('/api/shows/pair')).publisher.session, told.backup.session, 'another connection');
  await moreSegments(server, 'pair', 2);
  assert.equal(await switches(server), 1);
  assert.equal(await rolesOf(server, 'pair'), 'backup, primary');

  const thawed = Date.now();
  primary.child.kill('SIGCONT');
  await roles(server, 'pair', 'primary, backup', WELL_MS + GOP_MS + SLOW_MS);
  const given = Date.now() - thawed;
  assert.ok(given >= WELL_MS, `the primary has the show again after ${given} ms`);
  assert.equal((await server.api.get('/api/shows/pair')).publisher.session, told.publisher.session, 'another connection');
  await moreSegments(server, 'pair', 2);
  assert.equal(await switches(server), 2);

  await primary.stop('SIGKILL');
  await roles(server, 'pair', 'backup, nobody', GOP_MS + SLOW_MS);
  await moreSegments(server, 'pair', 2);
  assert.equal(await switches(server), 3);
  const { state } = await server.api.get('/live/pair/state');
  assert.equal(state, 'live');
  for (const view of views) await view.stop(3);
  for (const view of views) {
    assert.equal(discontinuities(view), 0, 'one configuration needs no discontinuity');
    await assertDecodes('pair', view);
  }
  const shown = await turns(views[0], files);
  t.diagnostic(`taken over ${taken} ms after the freeze, given back ${given} ms after the thaw; ${shown.map(({ who, n, gapMs }) => `${gapMs} ms of nothing, ${n} pictures of the ${who}`).join(', ')}`);
  assert.deepEqual(shown.map(({ who }) => who), ['primary', 'backup', 'primary', 'backup']);
  await backup.stop();
});

test('encoders that have nothing in common, and a backup that is there first', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, IDLE);
  const show = await server.api.show({ id: 'odd' });
  const address = `${server.rtmp}/${show.stream_key}`;
  const backup = publishGstreamer(t, `${address}?backup=1`);
  await roles(server, 'odd', 'nobody, backup');
  const alone = await fetchText(server.url('/live/odd/video.m3u8'));
  assert.notEqual(alone.status, 200, 'a backup has begun a show');
  const primary = onLoop(t, address, await primaryFile());
  await firstPlaylist(server.url('/live/odd/video.m3u8'));
  const views = [watch(server, 'odd', 'video'), watch(server, 'odd', 'audio')];
  assert.equal(await rolesOf(server, 'odd'), 'primary, backup');
  await moreSegments(server, 'odd', 2);

  await primary.stop('SIGKILL');
  await roles(server, 'odd', 'backup, nobody');
  await moreSegments(server, 'odd', 3);
  assert.equal(await switches(server), 1);
  for (const view of views) await view.stop(1, { isLive: true });
  for (const view of views) {
    assert.equal(discontinuities(view), 1, 'another configuration is one discontinuity');
    assert.equal(view.recorder.inits.size, 2);
    await assertDecodes('odd', view);
  }
  await backup.stop();
});

// How bright the picture is, from 0 to 255.
function brightness() {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext('2d');
  context.drawImage(document.getElementById('video'), 0, 0, 32, 18);
  const { data } = context.getImageData(0, 0, 32, 18);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
  return sum / (32 * 18 * 3);
}

test('a viewer sees one encoder, then the other, and no page is loaded anew', { timeout: 180000 }, async (t) => {
  const server = await startServer(t, IDLE);
  const show = await server.api.show({ id: 'seen', title: 'Spring lipsticks', host: 'Ada' });
  await server.api.product('lip');
  const address = `${server.rtmp}/${show.stream_key}`;
  const primary = onLoop(t, address, await primaryFile({ seconds: 60 }));
  await firstPlaylist(server.url('/live/seen/video.m3u8'));
  onLoop(t, `${address}?backup=1`, await backupFile({ seconds: 60 }));
  await roles(server, 'seen', 'primary, backup');
  const browser = await launchBrowser(t);
  const page = await openWatch(browser, server.url('/watch/seen'), { isMobile: true, hasTouch: true });
  await server.api.pin('seen', 'lip');
  await page.locator('a[href="https://shop.example/p/lip"]:visible').first().waitFor({ timeout: 20000 });
  const bright = await page.evaluate(brightness);
  await picture(page, 'backup-primary');

  const from = await pageNow(page);
  const frozen = Date.now();
  primary.child.kill('SIGSTOP');
  await roles(server, 'seen', 'backup, primary', SILENT_MS + GOP_MS + SLOW_MS);
  const gap = Date.now() - frozen;
  await until('the backup is seen', async () => await page.evaluate(brightness) < bright * 0.75);
  await waitInPage(page, isStatus, 'live', SLOW_MS, 'the page does not say live');
  const stall = await longestStall(page, from);
  await picture(page, 'backup-backup');
  assert.ok(stall <= gap + LATE_MS, `no new picture for ${stall} ms, the switch took ${gap} ms`);

  const back = await pageNow(page);
  primary.child.kill('SIGCONT');
  await roles(server, 'seen', 'primary, backup', WELL_MS + GOP_MS + SLOW_MS);
  await until('the primary is seen again', async () => await page.evaluate(brightness) > bright * 0.75);
  const second = await longestStall(page, back);
  await picture(page, 'backup-again');
  const facts = await page.evaluate(() => ({ same: window.same, blank: window.seen.blank, statuses: window.seen.statuses.map(({ status }) => status), card: document.querySelector('a[href="https://shop.example/p/lip"]') !== null }));
  t.diagnostic(`taken over after ${gap} ms: no new picture for ${Math.round(stall)} ms, and ${Math.round(second)} ms when it was given back; ${facts.statuses}`);
  assert.equal(facts.same, true, 'the page was loaded anew');
  assert.equal(facts.blank, 0, 'there was a moment without a picture');
  assert.ok(facts.card, 'the card is gone');
  assert.ok(second <= gap + LATE_MS, `no new picture for ${second} ms when the primary had the show again`);
  assert.deepEqual(page.complaints.filter((words) => !/shop\.example/.test(words)), []);
});

// Shortly behind a key frame of an encoder that began then: the next one is as far as it gets.
const behindKey = (began) => sleep(GOP_MS - (Date.now() - began) % GOP_MS + 100);

test('hls.js on a page of its own plays through a switch', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, IDLE);
  const show = await server.api.show({ id: 'plain' });
  const address = `${server.rtmp}/${show.stream_key}`;
  const primary = onLoop(t, address, await primaryFile({ seconds: 60 }));
  await firstPlaylist(server.url('/live/plain/video.m3u8'));
  onLoop(t, `${address}?backup=1`, await backupFile({ seconds: 60 }));
  const began = await until('the backup is there', async () => (await server.api.get('/api/shows/plain')).backup) && Date.now();
  await roles(server, 'plain', 'primary, backup');
  const browser = await launchBrowser(t);
  const pages = await startPages(t);
  const page = await openPage(browser, `${pages}/page.html?base=${encodeURIComponent(server.http)}&show=plain&hls=1.7`);
  const hasFrames = (n) => window.seen?.frames.length >= n;
  await waitInPage(page, hasFrames, 60, 30000, 'no picture');
  const from = await pageNow(page);
  await behindKey(began);
  await primary.stop('SIGKILL');
  await roles(server, 'plain', 'backup, nobody');
  const before = await page.evaluate(() => window.seen.frames.length);
  await waitInPage(page, hasFrames, before + 150, 20000, 'it stands still behind the switch');
  const stall = await longestStall(page, from);
  const errors = await page.evaluate(() => window.seen.errors);
  t.diagnostic(`no new picture for ${Math.round(stall)} ms; ${errors.map(({ details }) => details)}`);
  assert.deepEqual(errors.filter(({ fatal }) => fatal), []);
  assert.ok(stall <= SILENT_MS + GOP_MS + LATE_MS, `no new picture for ${stall} ms`);
});
