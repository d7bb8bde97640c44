// Our own watch page in a browser, and what a viewer saw of it: each frame, each status, each
// moment without a picture.
import { openPage, waitInPage } from './browser.mjs';

// In the page, before its own scripts: every frame that is drawn, and every status.
function record() {
  window.seen = { frames: [], statuses: [], blank: 0 };
  const follow = (video) => {
    const onFrame = (now, { mediaTime, width, height }) => {
      window.seen.frames.push({ now, mediaTime, width, height });
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };
  document.addEventListener('DOMContentLoaded', () => {
    follow(document.getElementById('video'));
    const note = () => {
      const { status } = document.body.dataset;
      if (window.seen.statuses.at(-1)?.status !== status) window.seen.statuses.push({ status, now: performance.now() });
    };
    note();
    new MutationObserver(note).observe(document.body, { attributes: true, attributeFilter: ['data-status'] });
    // Once there was a picture there always is one: of the video, which keeps its last while it
    // seeks, or the one that was kept.
    setInterval(() => {
      const video = document.getElementById('video');
      const shown = video.videoWidth > 0 && getComputedStyle(video).opacity === '1';
      const kept = getComputedStyle(document.getElementById('still')).display === 'block';
      if (window.seen.frames.length && !shown && !kept) window.seen.blank += 1;
    }, 50);
  });
}

export const isStatus = (wanted) => document.body.dataset.status === wanted;
export const movesAfter = (now) => window.seen.frames.find((frame) => frame.now > now);
export const pageNow = (page) => page.evaluate(() => performance.now());

export async function openWatch(browser, url, options) {
  const page = await openPage(browser, 'about:blank', options);
  await page.addInitScript(record);
  await page.goto(url, { waitUntil: 'commit' });
  await waitInPage(page, () => window.seen?.frames.length > 30, null, 30000, 'no picture');
  await page.evaluate(() => { window.same = true; });
  return page;
}

// The longest time without a new frame from the page's time `from` on.
export const longestStall = (page, from) => page.evaluate((since) => {
  const frames = window.seen.frames.filter(({ now }) => now >= since);
  return Math.max(...frames.slice(1).map((frame, i) => frame.now - frames[i].now));
}, from);
