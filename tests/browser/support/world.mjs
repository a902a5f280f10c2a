/**
 * A server, a browser, a visitor and an agent: the scene of a test. All of it ends with the test.
 */
import { agentOn } from './agent.mjs';
import { launch, openPage } from './browser.mjs';
import { startProxy } from './proxy.mjs';
import { signInByRest } from './rest.mjs';
import { startServer } from './server.mjs';
import { visitorOn } from './visitor.mjs';

/**
 * @param {import('node:test').TestContext} t
 * @param {{proxied?: boolean, rates?: string[], options?: string[] | ((url: string) => Promise<string[]>)}} [how] `proxied`: browsers
 *   reach the server through `world.proxy`; `options` are the server's, or are made knowing the address that it will have as `proxied`
 */
export async function makeWorld(t, { proxied = false, rates, options } = {}) {
  const proxy = proxied ? await startProxy() : null;
  if (proxy) t.after(() => proxy.stop());
  const given = typeof options === 'function' ? await options(proxy?.url ?? '') : options;
  const browser = await launch();
  /** @type {Awaited<ReturnType<typeof startServer>> | null} */
  let started = null;
  // In this order: the server is asked to drain while nobody holds it up. Said before it is started, so that nothing outlives a failure.
  t.after(async () => {
    await browser.close();
    await started?.stop();
  });
  const server = started = await startServer({ ...(proxy && { publicUrl: proxy.url }), ...(rates && { rates }), ...(given && { options: given }) });
  if (proxy) proxy.target = server.port;
  const rest = await signInByRest({ ...server, owner: server.owner, password: server.password, url: `http://127.0.0.1:${server.port}` });

  return {
    server,
    proxy,
    browser,
    rest,
    /** Somebody on the sample page. @param {Parameters<typeof openPage>[1] & {path?: string}} [options] */
    async visitor({ path = '/demo', ...options } = {}) {
      const page = await openPage(browser, options);
      await page.goto(`${server.url}${path}`);
      const visitor = visitorOn(page);
      await visitor.launcher.waitFor();
      return visitor;
    },
    /**
     * A signed-in agent.
     * @param {Parameters<typeof openPage>[1] & {email?: string, kept?: Record<string, string>, at_the_door?: (page: import('playwright-core').Page) => Promise<void>}} [options]
     * `kept` is what the browser has kept from before; `at_the_door` is done to the page before somebody signs in
     */
    async agent({ email, kept, at_the_door, ...options } = {}) {
      const agent = agentOn(await openPage(browser, options), server);
      await agent.signIn(email, kept, at_the_door);
      return agent;
    },
  };
}

/** @typedef {ReturnType<typeof visitorOn>} Visitor */
/** @typedef {ReturnType<typeof agentOn>} Agent */
