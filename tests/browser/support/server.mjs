/**
 * The built server as a child process, with the demo workspace in a data folder of its own.
 *
 * Guarantees: listens on 127.0.0.1 on a free port; `stop` asks with SIGTERM and fails unless the server drains and ends with 0; no
 * process and no folder outlives the test, not even one that failed.
 * Does not: build. `SWITCHBOARD_BIN` names the binary, `target/debug/switchboard` where it is not set.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');
export const BINARY = resolve(ROOT, process.env.SWITCHBOARD_BIN ?? 'target/debug/switchboard');
const START_MS_MAX = 30_000;
const LOG_CHARS_MAX = 200_000;

/** The tests write more in a minute than people do. */
const RATES = ['token', 'workspace', 'visitor', 'prefix', 'anonymous'].map((bucket) => [`--rate-${bucket}`, '1000000']).flat();

/**
 * @param {{publicUrl?: string, rates?: string[], options?: string[]}} [how] `publicUrl` if browsers reach the server through something else;
 *   `options` are added to the command line
 */
export async function startServer({ publicUrl, rates = RATES, options = [] } = {}) {
  if (!existsSync(BINARY)) {
    throw new Error(`the server is not built: run \`cargo build\`, or name its binary in SWITCHBOARD_BIN (looked at ${BINARY})`);
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-browser-'));
  const server = new Server(dataDir, publicUrl, [...rates, ...options]);
  await server.start(0);
  return server;
}

class Server {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  #log = '';
  port = 0;
  url = '';
  password = '';
  owner = '';
  agent = '';

  /** @param {string} dataDir @param {string | undefined} publicUrl @param {string[]} options */
  constructor(dataDir, publicUrl, options) {
    this.dataDir = dataDir;
    this.publicUrl = publicUrl;
    this.options = options;
  }

  /** @param {number} port 0 takes a free one */
  async start(port) {
    const options = ['--listen', `127.0.0.1:${port}`, '--data-dir', this.dataDir, ...this.options];
    if (this.publicUrl) options.push('--public-url', this.publicUrl);
    const child = spawn(BINARY, ['serve', '--demo', ...options], { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    this.#child = child;
    this.#log = '';
    process.once('exit', () => child.kill('SIGKILL'));
    let said = '';
    await new Promise((ready, failed) => {
      const timer = setTimeout(() => failed(new Error(`the server was not ready in time:\n${this.#log}`)), START_MS_MAX);
      child.once('error', failed);
      child.once('exit', (code) => failed(new Error(`the server ended with ${code}:\n${this.#log}`)));
      child.stderr.on('data', (chunk) => (this.#log = (this.#log + chunk).slice(-LOG_CHARS_MAX)));
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (!/Password\s+\S+\n/.test(said)) return;
        clearTimeout(timer);
        ready(undefined);
      });
    });
    const address = /ready.* address=127\.0\.0\.1:(\d+)/.exec(plain(this.#log)) ?? /\bhttp:\/\/127\.0\.0\.1:(\d+)\/demo/.exec(said);
    this.port = Number(address?.[1]);
    this.url = this.publicUrl ?? `http://127.0.0.1:${this.port}`;
    [, this.owner, this.agent] = /Sign in as\s+(\S+)\s+or\s+(\S+)/.exec(said) ?? ['', '', ''];
    this.password = /Password\s+(\S+)/.exec(said)?.[1] ?? '';
    if (!said.includes(`${this.url}/demo`)) throw new Error(`the server did not say where the sample page is:\n${said}`);
  }

  /** What the server wrote to its log since it was started. */
  get log() {
    return plain(this.#log);
  }

  /** Ends it as a failing machine would. */
  async kill() {
    const ended = this.#ended();
    this.#child?.kill('SIGKILL');
    await ended;
    this.#child = null;
  }

  /** Ends it as an operator would. */
  async stop() {
    const ended = this.#ended();
    this.#child?.kill('SIGTERM');
    const { code, signal } = await ended;
    this.#child = null;
    await rm(this.dataDir, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal} after SIGTERM:\n${this.log}`);
  }

  /** @returns {Promise<{code: number | null, signal: string | null}>} */
  #ended() {
    const child = this.#child;
    if (!child || child.exitCode !== null) return Promise.resolve({ code: child?.exitCode ?? 0, signal: null });
    return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }
}

/** Options of the person who runs the tests must not change what is tested. */
export function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SWITCHBOARD_')));
}

/** @param {string} text */
function plain(text) {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
