// When the console alarms the host about its line to the server, without a browser.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Line} from '../../overlay/web/host/line.js';

const soon = () => performance.now() + 1000;
const later = () => performance.now() + 6000;

test('a line that stands is up, however long', () => {
    const line = new Line();
    assert.equal(line.state(), 'up');
    line.up = true;
    line.reached = true;
    assert.equal(line.state(later()), 'up');
});

test('one that goes is taken to come back, and is lost only after a while', () => {
    for (const what of ['up', 'reached']) {
        const line = new Line();
        line[what] = false;
        assert.equal(line.state(soon()), 'back');
        assert.equal(line.state(later()), 'lost');
    }
});

test('news of the same absence do not begin it anew', () => {
    const line = new Line();
    line.up = false;
    const then = later();
    line.reached = false;
    line.up = false;
    assert.equal(line.state(then), 'lost');
});

test('it is up again when both the calls and the stream are', () => {
    const line = new Line();
    line.up = line.reached = false;
    line.up = true;
    assert.equal(line.state(later()), 'lost');
    line.reached = true;
    assert.equal(line.state(later()), 'up');
    line.up = false;
    assert.equal(line.state(soon()), 'back');
});
