// Server-sent events as a page gets them (WHATWG HTML 9.2), kept in order.
export class Events {
  constructor(url) {
    this.url = url;
    this.list = []; // { event, id, data }
    this.controller = new AbortController();
    this.changed = () => {};
  }

  async open(headers = {}) {
    const response = await fetch(this.url, { headers: { accept: 'text/event-stream', ...headers }, signal: this.controller.signal });
    this.status = response.status;
    this.headers = response.headers;
    this.over = this.read(response).catch(() => {});
    return this;
  }

  async read(response) {
    let text = '';
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString('utf8');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  }

  take(block) {
    const event = { event: 'message', data: '' };
    for (const line of block.split('\n')) {
      const [, name, value] = /^([a-z]+): ?(.*)$/s.exec(line) ?? [];
      if (name === 'data') event.data += value;
      else if (name) event[name] = value;
    }
    if (event.data) event.data = JSON.parse(event.data);
    if (event.data || event.event !== 'message') this.list.push(event);
    this.changed();
  }

  // The first event that fits, perhaps one that has come already.
  async wait(fits, withinMs = 20000, words = 'no such event') {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.list.find(fits);
      if (found) return found;
      const left = until - Date.now();
      if (left <= 0) throw new Error(`${words}: ${JSON.stringify(this.list).slice(0, 2000)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.changed = () => { clearTimeout(timer); resolve(); };
      });
    }
  }

  close() {
    this.controller.abort();
  }
}
