// BullMQ, a queue of jobs whose every step is a Lua script that makes up names of keys from a prefix:  node bullmq.js PORT
// Each check is made with a prefix that holds all keys of a queue in one hash slot, and with one that does not.
'use strict';

const assert = require('node:assert/strict');
const { FlowProducer, Queue, QueueEvents, UnrecoverableError, Worker } = require('bullmq');
const { check, runAll, until } = require('./check');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const numbers = (count) => Array.from({ length: count }, (_, i) => i);

/** A queue of one check, and what else it opens: all of it is closed with the check. */
class Jobs {
  constructor(context, prefix) {
    this.context = context;
    this.options = { prefix, connection: { host: '127.0.0.1', port: context.port } };
    this.name = `queue${context.prefix.slice(0, -1)}`;
    this.opened = [];
    this.queue = this.open(new Queue(this.name, this.options));
  }

  open(one) {
    one.on('error', () => {});             // a connection that ends with its check
    one.setMaxListeners(0);
    this.opened.push(one);
    return one;
  }

  worker(process, options = {}, name = this.name) {
    return this.open(new Worker(name, process, { drainDelay: 1, ...this.options, ...options }));
  }

  /** All events of the queue. */
  async events() {
    const events = this.open(new QueueEvents(this.name, { ...this.options, lastEventId: '0-0' }));
    await events.waitUntilReady();
    return events;
  }

  flows() {
    return this.open(new FlowProducer(this.options));
  }

  /** Waits until so many jobs are in a state. */
  async reach(state, count, queue = this.queue) {
    while (await queue.getJobCountByTypes(state) < count) await sleep(5);
    assert.equal(await queue.getJobCountByTypes(state), count);
  }

  keys() {
    return this.context.client().keys(`${this.options.prefix}:${this.name}:*`);
  }

  async close() {
    await Promise.all(this.opened.map((one) => (one instanceof Worker ? one.close(true) : one.close())));
  }
}

/** A check with either kind of prefix. */
function jobsCheck(name, run) {
  for (const prefix of ['bull', '{bull}']) {
    check(`${name}, prefix ${prefix}`, async (t) => {
      const jobs = new Jobs(t, prefix);
      try {
        await run(jobs);
      } finally {
        await jobs.close();
      }
    });
  }
}

jobsCheck('jobs added in bulk are each done once by several workers', async (jobs) => {
  const done = new Map();
  for (const w of numbers(4)) {
    jobs.worker(async (job) => {
      done.set(job.id, [...(done.get(job.id) ?? []), w]);
      return job.data.number * 2;
    }, { concurrency: 10 });
  }
  const added = await jobs.queue.addBulk(numbers(500).map((number) => ({ name: 'double', data: { number } })));
  await jobs.reach('completed', 500);
  assert.deepEqual([...done.keys()].sort(), added.map((job) => job.id).sort());
  assert.ok([...done.values()].every((workers) => workers.length === 1));
  assert.deepEqual(await jobs.queue.getJobCounts('waiting', 'active', 'failed', 'delayed', 'prioritized'),
    { waiting: 0, active: 0, failed: 0, delayed: 0, prioritized: 0 });
  const completed = await jobs.queue.getCompleted(0, -1);
  assert.deepEqual(completed.map((job) => job.returnvalue).sort((a, b) => a - b), numbers(500).map((i) => i * 2));
});

jobsCheck('jobs added one by one come in their order', async (jobs) => {
  for (const i of numbers(50)) await jobs.queue.add('one', i);
  const order = [];
  jobs.worker(async (job) => { order.push(job.data); });
  await jobs.reach('completed', 50);
  assert.deepEqual(order, numbers(50));
});

jobsCheck('delayed jobs come in the order of their times', async (jobs) => {
  // Added by a pipeline, which is not one moment: who takes them comes when all are there.
  await jobs.queue.addBulk([400, 100, 300, 200].map((delay) => ({ name: 'later', data: delay, opts: { delay } })));
  const late = [];
  jobs.worker(async (job) => {
    late.push([job.data, Date.now() - job.timestamp - job.opts.delay]);
  });
  await jobs.reach('completed', 4);
  assert.deepEqual(late.map(([delay]) => delay), [100, 200, 300, 400]);
  assert.ok(late.every(([, ms]) => ms >= 0), `some came early: ${JSON.stringify(late)}`);
});

jobsCheck('a delayed job is promoted', async (jobs) => {
  const job = await jobs.queue.add('later', 1, { delay: 600000 });
  assert.equal(await job.getState(), 'delayed');
  await job.promote();
  jobs.worker(async () => 'done');
  await jobs.reach('completed', 1);
});

jobsCheck('priorities come first, and in order within one', async (jobs) => {
  const priorities = [5, 1, 3, 1, 5, 2, 3, 0];
  for (const [i, priority] of priorities.entries()) await jobs.queue.add('some', `${priority} ${i}`, { priority });
  assert.equal(await jobs.queue.getPrioritizedCount(), 7);
  const order = [];
  jobs.worker(async (job) => { order.push(job.data); });
  await jobs.reach('completed', 8);
  assert.deepEqual(order, ['0 7', '1 1', '1 3', '2 5', '3 2', '3 6', '5 0', '5 4']);
});

jobsCheck('a priority is changed while its job waits', async (jobs) => {
  const [, second] = await jobs.queue.addBulk([1, 2].map((data) => ({ name: 'some', data, opts: { priority: data * 10 } })));
  await second.changePriority({ priority: 5 });
  const order = [];
  jobs.worker(async (job) => { order.push(job.data); });
  await jobs.reach('completed', 2);
  assert.deepEqual(order, [2, 1]);
});

jobsCheck('a job that fails is tried again after its backoff', async (jobs) => {
  const tries = { fixed: [], exponential: [] };
  jobs.worker(async (job) => {
    tries[job.name].push(Date.now());
    if (job.attemptsMade < 2) throw new Error(`try ${job.attemptsMade}`);
    return job.attemptsMade;
  }, { concurrency: 2 });
  for (const type of ['fixed', 'exponential']) await jobs.queue.add(type, 0, { attempts: 3, backoff: { type, delay: 60 } });
  await jobs.reach('completed', 2);
  const gaps = ([a, b, c]) => [b - a, c - b];
  for (const [type, least] of [['fixed', [59, 59]], ['exponential', [59, 119]]]) {
    assert.equal(tries[type].length, 3);
    assert.ok(gaps(tries[type]).every((ms, i) => ms >= least[i]), `${type}: ${gaps(tries[type])}`);
  }
  for (const job of await jobs.queue.getCompleted()) assert.deepEqual([job.attemptsMade, job.returnvalue], [3, 2]);
});

jobsCheck('a job that keeps failing ends among the failed, and is retried by hand', async (jobs) => {
  let isWell = false, tries = 0;
  jobs.worker(async () => {
    tries++;
    if (!isWell) throw new Error('not well');
    return 'well';
  });
  await jobs.queue.add('some', 0, { attempts: 2 });
  await jobs.reach('failed', 1);
  const [failed] = await jobs.queue.getFailed();
  assert.deepEqual([failed.failedReason, failed.attemptsMade, failed.stacktrace.length, tries], ['not well', 2, 2, 2]);
  isWell = true;
  await failed.retry();
  await jobs.reach('completed', 1);
  assert.equal(await jobs.queue.getFailedCount(), 0);
});

jobsCheck('an error that nothing can mend ends the tries', async (jobs) => {
  jobs.worker(async () => { throw new UnrecoverableError('never'); });
  await jobs.queue.add('some', 0, { attempts: 5 });
  await jobs.reach('failed', 1);
  const [failed] = await jobs.queue.getFailed();
  assert.deepEqual([failed.failedReason, failed.attemptsMade], ['never', 1]);
});

jobsCheck('all failed jobs are retried at once', async (jobs) => {
  let isWell = false;
  jobs.worker(async () => { if (!isWell) throw new Error('not well'); }, { concurrency: 5 });
  await jobs.queue.addBulk(numbers(30).map((data) => ({ name: 'some', data })));
  await jobs.reach('failed', 30);
  isWell = true;
  await jobs.queue.retryJobs({ count: 7 });
  await jobs.reach('completed', 30);
  assert.equal(await jobs.queue.getFailedCount(), 0);
});

jobsCheck('the rate limiter holds jobs back', async (jobs) => {
  const starts = [];
  const take = async () => { starts.push(Date.now()); };
  for (let w = 0; w < 2; w++) jobs.worker(take, { concurrency: 10, limiter: { max: 5, duration: 200 } });
  await jobs.queue.addBulk(numbers(15).map((data) => ({ name: 'some', data })));
  await jobs.reach('completed', 15);
  // The sixth from a start on lies in a later interval; starts are noted here some time after the script that counts them.
  const took = starts[14] - starts[0];
  assert.ok(took >= 300, `15 jobs, 5 each 200 ms, within ${took} ms`);
});

jobsCheck('global concurrency holds for all workers together', async (jobs) => {
  await jobs.queue.setGlobalConcurrency(2);
  let active = 0, most = 0;
  const take = async () => {
    most = Math.max(most, ++active);
    await sleep(2);
    active--;
  };
  for (let w = 0; w < 3; w++) jobs.worker(take, { concurrency: 5 });
  await jobs.queue.addBulk(numbers(40).map((data) => ({ name: 'some', data })));
  await jobs.reach('completed', 40);
  assert.equal(most, 2);
});

jobsCheck('a scheduler repeats its job until it is removed', async (jobs) => {
  const runs = [];
  jobs.worker(async (job) => { runs.push(job.data.text); });
  await jobs.queue.upsertJobScheduler('often', { every: 60 }, { name: 'tick', data: { text: 'a' } });
  await until(() => runs.length >= 3);
  await jobs.queue.upsertJobScheduler('often', { every: 50 }, { name: 'tick', data: { text: 'b' } });
  const schedulers = await jobs.queue.getJobSchedulers();
  assert.deepEqual(schedulers.map((s) => [s.key, s.name, Number(s.every)]), [['often', 'tick', 50]]);
  await until(() => runs.filter((text) => text === 'b').length >= 3);
  assert.equal(await jobs.queue.removeJobScheduler('often'), true);
  assert.deepEqual(await jobs.queue.getJobSchedulers(), []);
  await sleep(60);
  const before = runs.length;
  await sleep(150);
  assert.equal(runs.length, before);
});

jobsCheck('a scheduler by a pattern of the clock knows its next time', async (jobs) => {
  await jobs.queue.upsertJobScheduler('nightly', { pattern: '0 15 3 * * *', tz: 'UTC' }, { name: 'clean' });
  const [delayed] = await jobs.queue.getDelayed();
  const next = new Date(delayed.timestamp + delayed.opts.delay);
  assert.deepEqual([delayed.name, next.getUTCHours(), next.getUTCMinutes()], ['clean', 3, 15]);
});

jobsCheck('a parent waits for its children and gets what they return', async (jobs) => {
  const order = [];
  jobs.worker(async (job) => {
    const values = Object.values(await job.getChildrenValues());
    order.push(job.name);
    return values.reduce((sum, value) => sum + value, job.data.own);
  }, { concurrency: 4 });
  const node = (name, own, children = []) => ({ name, queueName: jobs.name, data: { own }, children });
  const tree = await jobs.flows().add(node('root', 1, [
    node('left', 10, [node('leaf', 100), node('leaf', 200)]),
    node('right', 20, numbers(10).map((i) => node('leaf', i))),
  ]));
  await jobs.reach('completed', 15);
  assert.equal(order[14], 'root');
  assert.equal((await jobs.queue.getJob(tree.job.id)).returnvalue, 1 + 10 + 300 + 20 + 45);
  const { processed, unprocessed } = await tree.job.getDependencies();
  assert.deepEqual([Object.keys(processed).length, unprocessed ?? []], [2, []]);
});

jobsCheck('a parent whose child fails fails with it', async (jobs) => {
  jobs.worker(async (job) => { if (job.name === 'bad') throw new Error('bad'); });
  const child = (name) => ({ name, queueName: jobs.name, opts: { failParentOnFailure: true } });
  const { job } = await jobs.flows().add({ name: 'root', queueName: jobs.name, children: [child('good'), child('bad')] });
  await jobs.reach('failed', 2);
  assert.equal(await job.getState(), 'failed');
});

jobsCheck('a paused queue keeps its jobs until it is resumed', async (jobs) => {
  const done = [];
  jobs.worker(async (job) => { done.push(job.data); });
  await jobs.queue.pause();
  await jobs.queue.addBulk(numbers(10).map((data) => ({ name: 'some', data })));
  await sleep(60);
  assert.deepEqual([done.length, await jobs.queue.isPaused()], [0, true]);
  await jobs.queue.resume();
  await jobs.reach('completed', 10);
  assert.deepEqual(done, numbers(10));
});

jobsCheck('events tell of a job from its waiting to its end', async (jobs) => {
  const events = await jobs.events();
  const heard = new Map();
  for (const event of ['added', 'waiting', 'active', 'progress', 'completed', 'failed']) {
    events.on(event, ({ jobId }) => heard.set(jobId, [...(heard.get(jobId) ?? []), event]));
  }
  let hasDrained = false;
  events.on('drained', () => { hasDrained = true; });
  jobs.worker(async (job) => {
    if (job.name === 'bad') throw new Error('bad');
    await job.updateProgress(50);
  });
  const good = await jobs.queue.add('good', 0);
  const bad = await jobs.queue.add('bad', 0);
  const isOver = (job, event) => heard.get(job.id)?.includes(event);
  await until(() => isOver(good, 'completed') && isOver(bad, 'failed') && hasDrained);
  assert.deepEqual(heard.get(good.id), ['added', 'waiting', 'active', 'progress', 'completed']);
  assert.deepEqual(heard.get(bad.id), ['added', 'waiting', 'active', 'failed']);
});

jobsCheck('who adds a job waits until it is finished', async (jobs) => {
  const events = await jobs.events();
  jobs.worker(async (job) => {
    if (job.data < 0) throw new Error('negative');
    return job.data + 1;
  }, { concurrency: 5 });
  const added = await jobs.queue.addBulk(numbers(20).map((data) => ({ name: 'next', data })));
  assert.deepEqual(await Promise.all(added.map((job) => job.waitUntilFinished(events))), numbers(20).map((i) => i + 1));
  const bad = await jobs.queue.add('next', -1);
  await assert.rejects(bad.waitUntilFinished(events), /negative/);
});

jobsCheck('a stalled job is taken up by another worker', async (jobs) => {
  const takers = [];
  const stalled = jobs.worker(() => {
    takers.push('stalled');
    return new Promise(() => {});
  }, { lockDuration: 150, skipLockRenewal: true, skipStalledCheck: true });
  await jobs.queue.add('some', 0);
  await until(() => takers.length === 1);
  await stalled.close(true);
  jobs.worker(async () => { takers.push('other'); }, { stalledInterval: 100 });
  await jobs.reach('completed', 1);
  assert.deepEqual(takers, ['stalled', 'other']);
});

jobsCheck('a job of a given id is added once', async (jobs) => {
  for (const data of [1, 2, 3]) await jobs.queue.add('some', data, { jobId: 'the-one' });
  assert.equal(await jobs.queue.getWaitingCount(), 1);
  assert.equal((await jobs.queue.getJob('the-one')).data, 1);
});

jobsCheck('jobs of one deduplication id are dropped while it lasts', async (jobs) => {
  const deduplication = { id: 'same', ttl: 120 };
  const first = await jobs.queue.add('some', 1, { deduplication });
  const second = await jobs.queue.add('some', 2, { deduplication });
  assert.equal(second.id, first.id);
  await sleep(140);
  const third = await jobs.queue.add('some', 3, { deduplication });
  assert.notEqual(third.id, first.id);
  assert.equal(await jobs.queue.getWaitingCount(), 2);
});

jobsCheck('only so many completed jobs are kept', async (jobs) => {
  jobs.worker(async () => 'done', { removeOnComplete: { count: 7 }, removeOnFail: { count: 0 } });
  await jobs.queue.addBulk(numbers(40).map((data) => ({ name: 'some', data })));
  while (await jobs.queue.count() > 0 || await jobs.queue.getActiveCount() > 0) await sleep(5);
  assert.deepEqual((await jobs.queue.getCompleted()).map((job) => job.data).sort((a, b) => a - b), numbers(40).slice(33));
});

jobsCheck('data, progress and logs of a job are read back', async (jobs) => {
  const text = 'grüße, \u{1F600} "\\\r\n\0';
  const job = await jobs.queue.add('some', { text });
  await job.updateData({ text, more: [1, null, { a: true }] });
  await job.updateProgress({ done: 1, of: 3 });
  for (const i of numbers(5)) await job.log(`line ${i}`);
  const read = await jobs.queue.getJob(job.id);
  assert.deepEqual([read.data, read.progress], [{ text, more: [1, null, { a: true }] }, { done: 1, of: 3 }]);
  assert.deepEqual(await jobs.queue.getJobLogs(job.id, 1, 3), { logs: ['line 1', 'line 2', 'line 3'], count: 5 });
});

jobsCheck('pages of jobs come in the order that is asked for', async (jobs) => {
  await jobs.queue.addBulk(numbers(100).map((data) => ({ name: 'some', data })));
  const page = async (...range) => (await jobs.queue.getJobs(['waiting'], ...range)).map((job) => job.data);
  assert.deepEqual(await page(10, 19, true), numbers(100).slice(10, 20));
  assert.deepEqual(await page(0, 4, false), [99, 98, 97, 96, 95]);
});

jobsCheck('jobs are removed, cleaned and drained', async (jobs) => {
  const added = await jobs.queue.addBulk(numbers(10).map((data) => ({ name: 'some', data })));
  await added[3].remove();
  assert.equal(await jobs.queue.getJob(added[3].id), undefined);
  const worker = jobs.worker(async () => 'done');
  await jobs.reach('completed', 9);
  await worker.close();
  assert.equal((await jobs.queue.clean(0, 4, 'completed')).length, 4);
  assert.equal(await jobs.queue.getCompletedCount(), 5);
  await jobs.queue.addBulk([0, 0, 1000].map((delay) => ({ name: 'some', data: delay, opts: { delay } })));
  await jobs.queue.drain(true);
  assert.equal(await jobs.queue.count(), 0);
});

jobsCheck('an obliterated queue leaves no keys', async (jobs) => {
  const worker = jobs.worker(async (job) => { if (job.data % 2) throw new Error('odd'); });
  await jobs.queue.addBulk(numbers(300).map((data) => ({ name: 'some', data })));
  while (await jobs.queue.count() > 0 || await jobs.queue.getActiveCount() > 0) await sleep(5);
  await worker.close();
  await jobs.queue.addBulk(numbers(50).map((data) => ({ name: 'some', data, opts: { delay: data % 3 ? 0 : 60000, priority: data % 5 } })));
  assert.ok((await jobs.keys()).length > 350);
  await jobs.queue.obliterate({ force: true });
  assert.deepEqual(await jobs.keys(), []);
});

// What a check left running ends with the process.
runAll(Number(process.argv[2]), 6).then(() => process.exit(0));
