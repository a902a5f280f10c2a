/**
 * A company's site on an origin of its own, as strict as a site can be: nothing may run, load or be framed but what the widget needs.
 */
import { createServer } from 'node:http';

/** What the page's own script carries, so that it may run. */
const NONCE = 'bm9ib2R5LWd1ZXNzZXM';

/**
 * @param {string} server where Switchboard is
 * @param {() => {script?: string, attributes: string}} page the page's own script, and the attributes of the tag
 */
export async function startSite(server, page) {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${NONCE}' ${server}`,
    `frame-src ${server}`,
    `img-src ${server}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  const listener = createServer((request, response) => {
    if (request.url !== '/') {
      response.writeHead(404).end();
      return;
    }
    const { script = '', attributes } = page();
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
    response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Somebody else’s shop</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <script nonce="${NONCE}">${script}</script>
      <script async src="${server}/widget/v1/loader.js" ${attributes}></script></head>
      <body><h1>Somebody else’s shop</h1><p id="text">This page stays as it is.</p></body></html>`);
  });
  await new Promise((resolve) => listener.listen(0, 'localhost', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  return {
    // Another host name: to browsers another site, so that the frame's storage is its own.
    url: `http://localhost:${port}`,
    stop: () => new Promise((resolve) => {
      listener.close(resolve);
      listener.closeAllConnections();
    }),
  };
}
