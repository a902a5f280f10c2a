/**
 * The REST API as another program would use it: what stands in the database, and the settings that a test needs.
 */

const PAGE = 100;
const PAGES_MAX = 50;

/** @param {{url: string, owner: string, password: string}} server */
export async function signInByRest({ url, owner, password }) {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: owner, password }),
  });
  if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`);
  const { token } = await answer.json();
  return new Rest(url, token);
}

class Rest {
  /** @param {string} url @param {string} token */
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async call(method, path, body) {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Everything of a list, page by page. @param {string} path @returns {Promise<any[]>} */
  async all(path) {
    const found = [];
    let cursor = '';
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor && `&cursor=${cursor}`}`);
      found.push(...answer.data);
      if (!answer.next_cursor) return found;
      cursor = encodeURIComponent(answer.next_cursor);
    }
    throw new Error(`${path} has more than ${PAGES_MAX} pages`);
  }

  conversations() {
    return this.all('conversations');
  }

  /** Oldest first. @param {string} conversationId */
  messages(conversationId) {
    return this.all(`conversations/${conversationId}/messages?order=asc`);
  }

  async widget() {
    const { data } = await this.call('GET', 'channels');
    return data.find(({ kind }) => kind === 'widget');
  }

  /** @param {object} settings */
  async changeWidget(settings) {
    const { id } = await this.widget();
    return this.call('PATCH', `channels/${id}`, { settings });
  }
}
