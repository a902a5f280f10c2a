import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock, seeded } from '../support/fake-clock.mjs';
import { createVisitor } from '../support/visitor.mjs';

const CUTS = 200;

/** Both sides write while the line is cut at random, in both directions, acknowledgements included. */
async function drill(seed) {
  const random = seeded(seed);
  const clock = createFakeClock();
  let visitor = createVisitor({ clock, random });
  const { server } = visitor;
  visitor.session.start();
  let written = 0;
  for (let cut = 0; cut < CUTS; cut += 1) {
    const steps = Math.floor(random() * 4);
    for (let step = 0; step < steps; step += 1) {
      if (random() < 0.6) visitor.sender.write(`visitor ${(written += 1)}`, []);
      else server.conversation.agentSays(`agent ${cut}.${step}`);
      server.rules.loseAcks = random() < 0.2;
      server.rules.lose = random() < 0.05 ? () => random() < 0.5 : undefined;
      await clock.pass(Math.floor(random() * 40));
    }
    if (random() < 0.03) {
      visitor.leave();
      visitor = createVisitor({ ...visitor, clock, random });
      visitor.session.start();
    } else {
      server.cut(random() < 0.3 ? 4000 : 0);
    }
    await clock.pass(Math.floor(random() * 3_000));
  }
  server.rules = {};
  await clock.pass(120_000);
  return { visitor, server, written };
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`after ${CUTS} cuts the visitor shows what the server holds (seed ${seed})`, async () => {
    const { visitor, server, written } = await drill(seed);
    assert.deepEqual(visitor.texts(), server.conversation.messages.map((message) => message.content_text));
    const own = server.conversation.messages.filter((message) => message.direction === 'in').map((message) => message.content_text);
    assert.deepEqual(own, Array.from({ length: written }, (_, index) => `visitor ${index + 1}`));
    assert.deepEqual([visitor.store.get().outgoing, visitor.outbox.load()], [[], []]);
    assert.equal(visitor.store.get().place, server.conversation.events.at(-1).seq);
  });
}
