/**
 * Chromium's own trace of a page: how long its frames took, from the moment they were begun until they were shown, and its tasks on the
 * main thread.
 *
 * Does not: judge. Frames that nothing changed in are not made by Chromium and so not counted.
 */

const CATEGORIES = ['cc', 'benchmark', 'toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'];

/**
 * @param {import('playwright-core').Browser} browser
 * @param {() => Promise<void>} work what is traced
 */
export async function traced(browser, work) {
  const session = await browser.newBrowserCDPSession();
  /** @type {any[]} */
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => void events.push(...value));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'], recordMode: 'recordContinuously' } });
  await work();
  const done = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await done;
  await session.detach();
  return { frames: summary(frameTimes(events)), tasks: summary(taskTimes(events)) };
}

/** Milliseconds of each frame of a renderer that was shown. @param {any[]} events */
function frameTimes(events) {
  const renderers = new Set(events.filter(({ name, args }) => name === 'process_name' && args?.name === 'Renderer').map(({ pid }) => pid));
  /** @type {Map<string, number>} */
  const begun = new Map();
  const times = [];
  for (const { name, ph, pid, id, id2, ts, args } of events) {
    if (name !== 'PipelineReporter' || (renderers.size > 0 && !renderers.has(pid))) continue;
    const key = `${pid} ${id2?.local ?? id2?.global ?? id}`;
    if (ph === 'b') {
      begun.set(key, ts);
      const state = args?.chrome_frame_reporter?.state ?? args?.frame_reporter?.state ?? '';
      if (/DROPPED|NO_UPDATE/.test(state)) begun.delete(key);
    } else if (ph === 'e' && begun.has(key)) {
      times.push((ts - (begun.get(key) ?? ts)) / 1000);
      begun.delete(key);
    }
  }
  return times;
}

/** Milliseconds of each task of the renderers' main threads. @param {any[]} events */
function taskTimes(events) {
  const mains = new Set(events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  return events.filter(({ name, pid, tid, dur }) => dur && /RunTask$/.test(name) && mains.has(`${pid} ${tid}`)).map(({ dur }) => dur / 1000);
}

/** @param {number[]} times */
function summary(times) {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (/** @type {number} */ part) => Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1));
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
