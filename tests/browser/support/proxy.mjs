/**
 * A wire between browser and server that can be cut.
 *
 * Guarantees: bytes pass unchanged and in order until a connection is cut; cutting destroys both halves at once, without a close
 * frame, as a lost network does. Connections are told apart by what they ask for: `isLong` ones are sockets and event streams.
 * Does not: speak TLS or change what passes, except that `refuseSockets` answers upgrades with 403 as some company proxies do.
 */
import net from 'node:net';

/** @typedef {{client: net.Socket, upstream: net.Socket | null, request: string, isLong: boolean, bytes: number, budget: number}} Wire */

const REFUSAL = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export async function startProxy() {
  /** @type {Set<Wire>} */
  const wires = new Set();
  const proxy = {
    url: '',
    /** The server's port. */
    target: 0,
    /** Upgrades of this path are refused. */
    refuseSockets: '',
    refused: 0,
    /** Requests of this path are held back once so many bytes have passed, until `letGo`. */
    hold: { path: '', bytes: 0 },
    letGo() {
      proxy.hold = { path: '', bytes: 0 };
      for (const { client } of wires) client.resume();
    },
    /** How many bytes a long connection may carry before it is cut; null: any. @type {((request: string) => number) | null} */
    budget: null,
    /** The requests of the long connections that were cut. @type {string[]} */
    cuts: [],
    longWires: () => [...wires].filter((wire) => wire.isLong),
    /** Cuts every connection. */
    cutAll() {
      for (const wire of [...wires]) drop(wire);
    },
    async stop() {
      proxy.cutAll();
      await new Promise((resolve) => listener.close(resolve));
    },
  };

  /** @param {Wire} wire */
  function drop(wire) {
    wires.delete(wire);
    wire.client.destroy();
    wire.upstream?.destroy();
  }

  /** @param {Wire} wire @param {Buffer} chunk @param {net.Socket} to */
  function pass(wire, chunk, to) {
    wire.bytes += chunk.length;
    if (!wire.isLong || wire.bytes < wire.budget) {
      to.write(chunk);
      return;
    }
    // Up to the very byte, most often in the middle of a frame.
    to.write(chunk.subarray(0, chunk.length - (wire.bytes - wire.budget)));
    proxy.cuts.push(wire.request);
    drop(wire);
  }

  /** @param {Wire} wire @param {Buffer} chunk */
  function read(wire, chunk) {
    const line = /^[A-Z]+ (\S+) HTTP/.exec(chunk.subarray(0, 200).toString('latin1'));
    if (!line?.[1]) return;
    wire.request = line[1].split('?')[0] ?? '';
    wire.isLong = wire.request.startsWith('/ws/') || wire.request === '/api/widget/events';
    wire.bytes = 0;
    if (!wire.isLong) return;
    wire.budget = proxy.budget ? proxy.budget(wire.request) : Infinity;
  }

  const listener = net.createServer((client) => {
    const upstream = net.connect(proxy.target, '127.0.0.1');
    /** @type {Wire} */
    const wire = { client, upstream, request: '', isLong: false, bytes: 0, budget: Infinity };
    wires.add(wire);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.on('data', (chunk) => {
      read(wire, chunk);
      if (proxy.refuseSockets !== '' && wire.request === proxy.refuseSockets) {
        proxy.refused += 1;
        wires.delete(wire);
        upstream.destroy();
        client.end(REFUSAL);
        return;
      }
      pass(wire, chunk, upstream);
      if (proxy.hold.path !== '' && wire.request === proxy.hold.path && wire.bytes > proxy.hold.bytes) client.pause();
    });
    upstream.on('data', (chunk) => pass(wire, chunk, client));
    for (const half of [client, upstream]) {
      half.on('error', () => drop(wire));
      half.on('close', () => drop(wire));
    }
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {net.AddressInfo} */ (listener.address());
  proxy.url = `http://127.0.0.1:${address.port}`;
  return proxy;
}
