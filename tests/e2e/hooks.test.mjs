// Hooks: what the shop is asked and told, with a receiver that is quick, slow, rude or dead.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstPlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { Receiver, SECRET, isSigned, receive } from './kit/receiver.mjs';
import { knock } from './kit/rtmp.mjs';
import { ROOT, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { until } from './kit/wait.mjs';

const test = together('hooks');

const ANSWER_MS = 2000; // hooks.timeout as it is by default
const withHooks = (receiver, more = {}) => ({ VITRINE_HOOKS_URL: receiver.url(), VITRINE_HOOKS_SECRET: SECRET, ...more });
const metric = async (server, name) => Number(new RegExp(`^vitrine_${name} (\\d+)$`, 'm').exec(await (await fetch(`${server.admin}/metrics`)).text())?.[1]);
// One publish, let in and over.
async function comeAndGo(t, server, key) {
  const knocker = knock(t, server.rtmpPort, key);
  assert.ok((await knocker.answered).started);
  await knocker.leave();
}
// The receiver knows of its answer before the server does.
const settles = (server, name, value) => until(`${name} is ${value}`, async () => await metric(server, name) === value);
const reaches = (server, name, least) => until(`${name} is ${least}`, async () => await metric(server, name) >= least);

test('an accepted publish is asked about and told of, signed, without its key', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver, { VITRINE_SHOW_LINGER: '1s' }));
  const show = await server.api.show({ id: 'spring' });
  const file = await sourceFile({ seconds: 12 });
  const publisher = publish(t, `${server.rtmp}/${show.stream_key}?campaign=may`, file);
  await firstPlaylist(server.url('/live/spring/video.m3u8'));
  await receiver.until('the show is live', (r) => r.of('on_show_live').length === 1);
  await publisher.stop();
  await receiver.until('all is told', (r) => r.of('on_unpublish').length && r.of('on_show_end').length);
  assert.deepEqual(receiver.requests.map((request) => request.type),
    ['on_publish', 'on_show_live', 'on_unpublish', 'on_show_away', 'on_show_end']);
  const secret = show.stream_key.split('_').pop();
  for (const request of receiver.requests) {
    assert.ok(isSigned(request.headers, request.body), `${request.type} is not signed`);
    assert.ok(!isSigned(request.headers, `${request.body} `), 'the signature covers the body');
    assert.ok(!isSigned({ ...request.headers, 'webhook-id': 'msg_1' }, request.body), 'the signature covers the id');
    assert.ok(!JSON.stringify(request).includes(secret), 'the key is told');
    assert.equal(request.data.show, 'spring');
    assert.ok(Math.abs(Number(request.headers['webhook-timestamp']) * 1000 - Date.now()) < 60000);
    assert.ok(Math.abs(Date.parse(request.json.timestamp) - Date.now()) < 60000);
    assert.match(request.id, /^msg_[a-z0-9]{20,}$/);
  }
  const [asked] = receiver.of('on_publish');
  const [told] = receiver.of('on_unpublish');
  assert.equal(asked.data.query, 'campaign=may');
  assert.equal(asked.data.address, '127.0.0.1');
  assert.equal(asked.data.role, 'primary');
  assert.equal(asked.data.key, 'k1');
  assert.match(asked.data.session, /^[a-z0-9]{16}$/);
  assert.equal(told.data.session, asked.data.session);
  assert.ok(told.data.reason.length > 5);
  await settles(server, 'hooks_sent_total', 5);
  await settles(server, 'hooks_queued', 0);
});

test('a refusal reaches the encoder with its reason', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  receiver.answer = ({ data }) => (data.query === 'vip=1' ? { status: 200, body: '{"allow":true}' }
    : { status: 403, body: JSON.stringify({ reason: 'Your show begins at 18:00, not now.' }) });
  const server = await startServer(t, withHooks(receiver));
  const show = await server.api.show({ id: 'early' });
  const publisher = publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 12 }));
  assert.notEqual((await publisher.gone).code, 0);
  assert.match(publisher.words, /Your show begins at 18:00, not now\./);
  assert.equal((await knock(t, server.rtmpPort, 'early_wrongkeywrongkeywrongkey1').answered).started, false);
  const letIn = knock(t, server.rtmpPort, `${show.stream_key}?vip=1`);
  assert.ok((await letIn.answered).started);
  await letIn.leave();
  await receiver.until('the end', (r) => r.of('on_unpublish').length > 0);
  const [refused, vip, ...more] = receiver.of('on_publish');
  assert.deepEqual([refused.data.query, vip.data.query, more], [undefined, 'vip=1', []], 'a wrong key is nobody to ask about');
  assert.deepEqual(receiver.of('on_unpublish').map((request) => request.data.session), [vip.data.session]);
});

test('who has no answer in time is let in, or not, as configured', { timeout: 120000 }, async (t) => {
  const receiver = await receive(t);
  const cases = {
    slow: () => ({ hang: true }), // that there is an answer at all is the timeout's doing
    500: () => ({ status: 500, body: '{"allow":false}' }),
    redirect: () => ({ status: 302, headers: { location: receiver.url('/elsewhere') } }),
    endless: () => ({ status: 200, body: 'x'.repeat(100000) }),
  };
  for (const [on, started] of [['allow', true], ['refuse', false]]) {
    const server = await startServer(t, withHooks(receiver, { VITRINE_HOOKS_ON_ERROR: on, VITRINE_HOOKS_TIMEOUT: '500ms' }));
    const show = await server.api.show({ id: 'night' });
    for (const [name, answer] of Object.entries(cases)) {
      receiver.answer = (got) => (got.type === 'on_publish' ? answer() : { status: 204 });
      const knocker = knock(t, server.rtmpPort, show.stream_key);
      const result = await knocker.answered;
      assert.equal(result.started, started, `${name}, ${on}`);
      if (!started) assert.match(result.text, /could not be asked/);
      await knocker.leave();
    }
    await server.stop();
  }
  assert.ok(receiver.requests.every((request) => request.path === '/hooks'), 'a redirect was followed');
  await receiver.close();
  const server = await startServer(t, withHooks(receiver));
  const show = await server.api.show({ id: 'night' });
  const waits = [];
  for (let i = 0; i < 3; i++) {
    const knocker = knock(t, server.rtmpPort, show.stream_key);
    const { started, ms } = await knocker.answered;
    assert.ok(started);
    waits.push(ms);
    await knocker.leave();
  }
  assert.ok(Math.min(...waits) < ANSWER_MS / 2, `who is not there was waited for: ${waits} ms`);
});

test('a hundred that come and go are told in pairs', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver));
  const keys = [];
  for (let i = 0; i < 4; i++) keys.push((await server.api.show({ id: `s${i}` })).stream_key);
  for (let round = 0; round < 25; round++) await Promise.all(keys.map((key) => comeAndGo(t, server, key)));
  await receiver.until('all are told', (r) => r.of('on_unpublish').length >= 100);
  await settles(server, 'hooks_queued', 0);
  const asked = receiver.of('on_publish').map((request) => request.data.session).sort();
  const told = receiver.of('on_unpublish').map((request) => request.data.session).sort();
  assert.equal(new Set(asked).size, 100);
  assert.deepEqual(told, asked);
});

test('an end is told after kill -9, with the same id each time', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver, { VITRINE_SHOW_LINGER: '0s' }));
  const [one, two] = [await server.api.show({ id: 'one' }), await server.api.show({ id: 'two' })];
  receiver.answer = ({ type }) => ({ status: type === 'on_publish' ? 204 : 503 });
  await comeAndGo(t, server, one.stream_key);
  const here = knock(t, server.rtmpPort, two.stream_key);
  assert.ok((await here.answered).started);
  await receiver.until('the first try', (r) => r.of('on_unpublish').length >= 1);
  await server.stop('SIGKILL');
  const before = receiver.of('on_unpublish').map((request) => [request.id, request.body]);
  assert.ok(before.every(([, body]) => JSON.parse(body).data.show === 'one'));
  receiver.answer = () => ({ status: 204 });
  await server.start(withHooks(receiver, { VITRINE_SHOW_LINGER: '0s' }));
  await receiver.until('both ends', (r) => ['one', 'two'].every((show) =>
    r.of('on_unpublish').some((request) => request.data.show === show && request.status === 204)));
  await settles(server, 'hooks_queued', 0);
  const received = receiver.of('on_unpublish').filter((request) => request.status === 204);
  assert.equal(received.length, 2);
  const again = received.find((request) => request.data.show === 'one');
  assert.deepEqual([again.id, again.body], before[0], 'the same words under the same id');
  const session = (type, show) => receiver.of(type).find((request) => request.data.show === show).data.session;
  assert.equal(session('on_unpublish', 'two'), session('on_publish', 'two'));
  await server.stop();
  await server.start(withHooks(receiver, { VITRINE_SHOW_LINGER: '0s' }));
  // The news of a show are told in their order: what comes is the next end and no older one.
  await comeAndGo(t, server, one.stream_key);
  await comeAndGo(t, server, two.stream_key);
  await receiver.until('the next ends', (r) => r.of('on_unpublish').filter((request) => request.status === 204).length >= 4);
  const ends = receiver.of('on_unpublish').filter((request) => request.status === 204).map((request) => request.data.session);
  assert.deepEqual(ends.toSorted(), receiver.of('on_publish').map((request) => request.data.session).toSorted(), 'what was received is told again');
});

test('a show that was live when the server was killed is away, and ends once', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver, { VITRINE_SHOW_LINGER: '1s' }));
  const show = await server.api.show({ id: 'crash' });
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 30 }));
  await receiver.until('it is live', (r) => r.of('on_show_live').length === 1, 20000);
  await server.stop('SIGKILL');
  await server.start(withHooks(receiver, { VITRINE_SHOW_LINGER: '1s' }));
  await receiver.until('it has ended', (r) => r.of('on_show_end').length === 1);
  await settles(server, 'hooks_queued', 0);
  assert.deepEqual(receiver.requests.map((request) => request.type).sort(),
    ['on_publish', 'on_show_away', 'on_show_end', 'on_show_live', 'on_unpublish']);
  const order = receiver.requests.map((request) => request.type);
  assert.ok(order.indexOf('on_show_away') < order.indexOf('on_show_end'));
});

test('news wait for a receiver that is away, in order', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver));
  const show = await server.api.show({ id: 'later' });
  const { port } = receiver;
  await receiver.close();
  for (let i = 0; i < 3; i++) await comeAndGo(t, server, show.stream_key);
  await settles(server, 'hooks_queued', 3);
  await reaches(server, 'hooks_failed_total', 4); // three questions, and the first of the news
  const back = await new Receiver().listen(port);
  t.after(() => back.close());
  await back.until('all are told', (r) => r.of('on_unpublish').length === 3, 20000);
  const times = back.of('on_unpublish').map((request) => Date.parse(request.json.timestamp));
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  await settles(server, 'hooks_queued', 0);
});

test('scripts for SRS and nginx-rtmp are asked in their words', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  let server = await startServer(t, withHooks(receiver, { VITRINE_HOOKS_MODE: 'srs' }));
  const show = await server.api.show({ id: 'old' });
  receiver.answer = () => ({ status: 200, body: '{"code":0}' });
  let knocker = knock(t, server.rtmpPort, `${show.stream_key}?token=t1`);
  assert.ok((await knocker.answered).started);
  await knocker.leave();
  await receiver.until('the end', (r) => r.of('on_unpublish').length === 1);
  const [asked] = receiver.of('on_publish');
  assert.equal(asked.json.stream, 'old');
  assert.equal(asked.json.param, '?token=t1');
  assert.equal(asked.json.ip, '127.0.0.1');
  for (const answer of [{ status: 200, body: 'ok' }, { status: 200, body: '{"code":1,"reason":"Not you."}' }, { status: 500, body: '0' }]) {
    receiver.answer = () => answer;
    const result = await knock(t, server.rtmpPort, show.stream_key).answered;
    assert.equal(result.started, false, JSON.stringify(answer));
    if (answer.body.includes('Not you')) assert.match(result.text, /Not you\./);
  }
  await server.stop();
  receiver.requests.length = 0;
  receiver.answer = () => ({ status: 200 });
  server = await startServer(t, withHooks(receiver, { VITRINE_HOOKS_MODE: 'nginx' }));
  const other = await server.api.show({ id: 'old' });
  knocker = knock(t, server.rtmpPort, `${other.stream_key}?name=victim&addr=1.2.3.4`);
  assert.ok((await knocker.answered).started);
  await knocker.leave();
  await receiver.until('the end', (r) => r.of('publish_done').length === 1);
  const form = new URLSearchParams(receiver.of('publish')[0].body);
  assert.deepEqual([form.getAll('name'), form.getAll('addr')], [['old'], ['127.0.0.1']]);
  assert.match(form.get('args'), /name=victim/);
  await server.api.show({ id: 'newname' });
  receiver.answer = () => ({ status: 302, headers: { location: 'newname' } });
  await comeAndGo(t, server, other.stream_key);
  await receiver.until('the end under the new name', (r) => r.of('publish_done').some((request) => new URLSearchParams(request.body).get('name') === 'newname'));
  for (const location of ['nobody', 'rtmp://127.0.0.1/live/newname']) {
    receiver.answer = () => ({ status: 302, headers: { location } });
    assert.equal((await knock(t, server.rtmpPort, other.stream_key).answered).started, false);
  }
  assert.ok(!JSON.stringify(receiver.requests).includes(other.stream_key.split('_').pop()), 'the key is told');
});

test('a yes may send an encoder into another show', { timeout: 90000 }, async (t) => {
  const receiver = await receive(t);
  // Loops enough that the shows live apart.
  const server = await startServer(t, withHooks(receiver, { VITRINE_WORKERS: '4', VITRINE_SHOW_LINGER: '0s' }));
  const studio = await server.api.show({ id: 'studio' });
  const ids = ['spring', 'summer', 'autumn', 'winter'];
  for (const id of ids) await server.api.show({ id });
  for (const id of ids) {
    receiver.answer = ({ type }) => (type === 'on_publish' ? { status: 200, body: JSON.stringify({ stream: id }) } : { status: 204 });
    const publisher = publish(t, `${server.rtmp}/${studio.stream_key}`, await sourceFile({ seconds: 12 }));
    await firstPlaylist(server.url(`/live/${id}/video.m3u8`));
    const figures = await server.api.get(`/api/shows/${id}/publisher`);
    assert.deepEqual([figures.key_id, figures.key_show, figures.max_kbps], ['k1', 'studio', null]);
    assert.equal((await server.api.get('/api/shows/studio')).state, 'draft');
    await publisher.stop();
    await receiver.until('the end', (r) => r.of('on_unpublish').some((request) => request.data.show === id));
    const [told] = receiver.of('on_unpublish').filter((request) => request.data.show === id);
    assert.equal(told.data.key_show, 'studio');
    assert.ok(receiver.of('on_publish').some((request) => request.data.session === told.data.session && request.data.show === 'studio'));
    await receiver.until('the show ends', (r) => r.of('on_show_end').some((request) => request.data.show === id));
  }
  assert.ok(receiver.requests.every((request) => request.type === 'on_publish' || request.data.show !== 'studio'));
  const knocker = knock(t, server.rtmpPort, studio.stream_key);
  assert.ok((await knocker.answered).started);
  await server.api.delete('/api/shows/studio/keys/k1');
  await knocker.client.closed;
  assert.match(knocker.client.sentence(), /This key was revoked\./);
  receiver.answer = () => ({ status: 200, body: '{"stream":"monsoon"}' });
  const { stream_key: other } = await server.api.post('/api/shows/studio/keys', { label: 'two' });
  assert.match((await knock(t, server.rtmpPort, other).answered).text, /to a show that does not exist/);
});

test('a yes may have a time and a rate', { timeout: 120000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver));
  const show = await server.api.show({ id: 'evening' });
  const yes = (terms) => ({ type }) => (type === 'on_publish' ? { status: 200, body: JSON.stringify(terms()) } : { status: 204 });
  receiver.answer = yes(() => ({ expires: Math.floor(Date.now() / 1000) - 5 }));
  assert.match((await knock(t, server.rtmpPort, show.stream_key).answered).text, /This key expired at 20\d\d-/);
  receiver.answer = yes(() => ({ expires: new Date(Date.now() + 2000).toISOString() }));
  const knocker = knock(t, server.rtmpPort, show.stream_key);
  assert.ok((await knocker.answered).started);
  await knocker.client.closed;
  assert.match(knocker.client.sentence(), /This key expired at 20\d\d-/);
  receiver.answer = yes(() => ({ max_kbps: 400 })); // less than half of what comes
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 12 }), { loop: true });
  await receiver.until('the host is told', (r) => r.of('on_finding').some(({ data }) => data.code === 'bitrate_over_limit'), 40000);
  const figures = await until('it is among the findings', async () => {
    const now = await server.api.get('/api/shows/evening/publisher');
    return now.findings.some(({ code }) => code === 'bitrate_over_limit') && now;
  });
  assert.equal(figures.max_kbps, 400);
  await receiver.until('it is cut', (r) => r.of('on_unpublish').some(({ data }) => /and 400 are allowed/.test(data.reason)), 60000);
});

test('terms that are not understood are no answer, and the log names them', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver, { VITRINE_HOOKS_ON_ERROR: 'refuse' }));
  const show = await server.api.show({ id: 'noon' });
  for (const [field, value] of Object.entries({ stream: 7, max_kbps: '4 Mb/s', expires: 'tomorrow', allow: 'no' })) {
    receiver.answer = () => ({ status: 200, body: JSON.stringify({ [field]: value }) });
    assert.match((await knock(t, server.rtmpPort, show.stream_key).answered).text, /could not be asked/);
  }
  await until('the line', () => /on_publish of show noon has an answer that is not understood: .*its field stream/.test(server.log));
  receiver.answer = () => ({ status: 200, body: '{"max_kbps":null,"colour":"red"}' });
  await comeAndGo(t, server, show.stream_key);
});

test('a receiver that hangs delays neither other encoders nor the end', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver, { VITRINE_SHOW_LINGER: '0s' }));
  const [fast, slow] = [await server.api.show({ id: 'fast' }), await server.api.show({ id: 'slow' })];
  receiver.answer = ({ data }) => (data.show === 'slow' ? { hang: true } : { status: 204 });
  const waiting = knock(t, server.rtmpPort, slow.stream_key);
  await receiver.until('the question', (r) => r.of('on_publish').length === 1);
  const first = await Promise.race([waiting.answered, knock(t, server.rtmpPort, fast.stream_key).answered.then((answer) => ({ ...answer, fast: true }))]);
  assert.ok(first.fast && first.started, 'who is answered waited for who is not');
  assert.equal((await waiting.answered).started, true);
  await waiting.leave();
  await receiver.until('the news', (r) => r.of('on_unpublish').length >= 1);
  assert.deepEqual(await server.stop(), { code: 0, signal: null }, 'the end waited for the receiver');
});

test('a server that stops tells who has gone before it goes, and ends no show', { timeout: 60000 }, async (t) => {
  const receiver = await receive(t);
  const server = await startServer(t, withHooks(receiver));
  const shows = await Promise.all(['one', 'two', 'three'].map((id) => server.api.show({ id })));
  publish(t, `${server.rtmp}/${shows[0].stream_key}`, await sourceFile({ seconds: 12 }));
  await receiver.until('it is live', (r) => r.of('on_show_live').length === 1, 20000);
  for (const show of shows.slice(1)) assert.ok((await knock(t, server.rtmpPort, show.stream_key).answered).started);
  await server.stop();
  assert.deepEqual(receiver.of('on_unpublish').map((request) => request.data.show).sort(), ['one', 'three', 'two']);
  assert.deepEqual(receiver.of('on_show_away').map((request) => request.data.show), ['one']);
  assert.equal(receiver.of('on_show_end').length, 0, 'the end of the server is told as the end of the show');
  // The show waits for its encoder after the start, and what was told is not told again.
  await server.start(withHooks(receiver, { VITRINE_SHOW_LINGER: '1s' }));
  await receiver.until('it has ended', (r) => r.of('on_show_end').length === 1);
  await settles(server, 'hooks_queued', 0);
  assert.equal(receiver.of('on_show_away').length, 1);
});

test('no secret of the hooks is in the log', { timeout: 30000 }, async (t) => {
  const receiver = await receive(t);
  receiver.answer = () => ({ status: 500 });
  const server = await startServer(t, {
    VITRINE_HOOKS_URL: `http://ann:pa55word@127.0.0.1:${receiver.port}/hooks?token=t0ken`, VITRINE_HOOKS_SECRET: SECRET, VITRINE_LOG_LEVEL: 'debug',
  });
  const show = await server.api.show({ id: 'quiet' });
  const knocker = knock(t, server.rtmpPort, show.stream_key);
  assert.ok((await knocker.answered).started);
  await knocker.leave();
  await receiver.until('it fails', (r) => r.of('on_unpublish').length >= 1);
  assert.equal(receiver.requests[0].headers.authorization, `Basic ${Buffer.from('ann:pa55word').toString('base64')}`);
  await reaches(server, 'hooks_failed_total', 2);
  assert.match(server.log, /hooks go to http:\/\/127\.0\.0\.1:\d+\n/);
  await server.leave();
  assert.match(server.log, /was not answered/);
  for (const hidden of ['pa55word', 't0ken', SECRET.slice(6), show.stream_key.split('_').pop()]) assert.ok(!server.log.includes(hidden), hidden);
});

test('the receiver in docs/HOOKS.md works as it stands', { timeout: 30000 }, async (t) => {
  const text = readFileSync(join(ROOT, 'docs/HOOKS.md'), 'utf8');
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-hooks-'));
  const file = join(dir, 'receiver.mjs');
  writeFileSync(file, /```js\n([\s\S]*?)```/.exec(text)[1].replace('getHours() >= 8', 'getHours() >= Number(process.env.OPENS)'));
  const { port } = await new Receiver().listen().then(async (taken) => { await taken.close(); return taken; });
  const start = (opens) => {
    const child = spawn(process.execPath, [file], { env: { ...process.env, HOOKS_SECRET: SECRET, PORT: port, OPENS: opens }, stdio: ['ignore', 'pipe', 'inherit'] });
    child.text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => { child.text += chunk; });
    t.after(() => child.kill());
    return child;
  };
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const post = () => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' }).then((answer) => answer.status, () => 0);
  const open = start(0);
  await until('it takes nobody else', async () => await post() === 401);
  const server = await startServer(t, { VITRINE_HOOKS_URL: `http://127.0.0.1:${port}/`, VITRINE_HOOKS_SECRET: SECRET, VITRINE_HOOKS_ON_ERROR: 'refuse' });
  const show = await server.api.show({ id: 'spring' });
  const knocker = knock(t, server.rtmpPort, show.stream_key);
  assert.ok((await knocker.answered).started);
  await knocker.leave();
  await until('it prints the end', () => /on_unpublish spring the connection/.test(open.text));
  open.kill();
  await new Promise((resolve) => { open.on('close', resolve); });
  start(24);
  await until('it is there again', async () => await post() === 401);
  const refused = await knock(t, server.rtmpPort, show.stream_key).answered;
  assert.match(refused.text, /No shows before eight\./);
});

test('a receiver is known by its certificate', { timeout: 60000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-hooks-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  let n = 0;
  const receiver = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    n += 1;
    response.writeHead(204).end();
  });
  await new Promise((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
  t.after(() => { receiver.close(); receiver.closeAllConnections(); });
  const url = (host) => `https://${host}:${receiver.address().port}/`;
  const ask = async (host, more) => {
    const server = await startServer(t, { VITRINE_HOOKS_URL: url(host), VITRINE_HOOKS_ON_ERROR: 'refuse', ...more });
    const show = await server.api.show({ id: 'spring' });
    const { started } = await knock(t, server.rtmpPort, show.stream_key).answered;
    await server.stop();
    return started;
  };
  assert.equal(await ask('localhost'), false, 'signed by nobody we know');
  assert.equal(n, 0);
  assert.equal(await ask('127.0.0.1', { SSL_CERT_FILE: cert }), false, 'another name');
  assert.equal(n, 0);
  assert.equal(await ask('localhost', { SSL_CERT_FILE: cert }), true);
  assert.ok(n >= 1);
});
