/**
 * Many visitors without a browser: they speak to the widget's HTTP API, as a program of a site would.
 */

/** How many write at the same time. */
const AT_ONCE = 16;

/** @typedef {{name: string, conversationId: string, say: (text: string) => Promise<any>}} Member */

/**
 * Makes visitors who have each said something, one after the other in the order of the workspace where `inOrder` asks for it.
 * @param {{server: {port: number}, rest: {widget: () => Promise<any>}}} world
 * @param {{name: string, text: string}[]} people
 * @param {{inOrder?: boolean}} [how]
 * @returns {Promise<Member[]>} in the order of `people`
 */
export async function gather(world, people, { inOrder = false } = {}) {
  const { settings } = await world.rest.widget();
  const url = `http://127.0.0.1:${world.server.port}/api/widget`;
  /** @type {Member[]} */
  const members = [];
  let next = 0;
  async function work() {
    for (let at = next; at < people.length; at = next) {
      next += 1;
      members[at] = await begin(url, settings.api_key, people[at]);
    }
  }
  await Promise.all(Array.from({ length: inOrder ? 1 : AT_ONCE }, work));
  return members;
}

/** @param {string} url @param {string} apiKey @param {{name: string, text: string}} person */
async function begin(url, apiKey, { name, text }) {
  const { sessionToken } = await post(`${url}/init`, { apiKey, identity: { name } });
  const say = (/** @type {string} */ words) => post(`${url}/message`, { message: words }, sessionToken);
  const { conversationId } = await say(text);
  return { name, conversationId, say };
}

/** @param {string} url @param {object} body @param {string} [token] @returns {Promise<any>} */
async function post(url, body, token) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${said}`);
  return JSON.parse(said);
}
