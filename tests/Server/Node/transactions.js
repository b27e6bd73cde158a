'use strict';

const assert = require('node:assert/strict');
const { check } = require('./check');

check('a pipelined transaction answers with all replies', async (t) => {
  const redis = t.client();
  const keys = t.keys(16);
  const multi = redis.multi();
  keys.forEach((key, i) => multi.set(key, i));
  keys.forEach((key) => multi.incr(key));
  multi.mget(keys).exists(...keys).del(...keys);
  const replies = await multi.exec();
  assert.deepEqual(replies, [
    ...keys.map(() => [null, 'OK']),
    ...keys.map((_, i) => [null, i + 1]),
    [null, keys.map((_, i) => String(i + 1))],
    [null, 16],
    [null, 16],
  ]);
});

check('a transaction without pipeline queues each command', async (t) => {
  const redis = t.client();
  assert.equal(await redis.multi({ pipeline: false }), 'OK');
  for (const key of t.keys(8)) assert.equal(await redis.set(key, 'v'), 'QUEUED');
  assert.equal(await redis.append(t.key(3), 'w'), 'QUEUED');
  const replies = await redis.exec();
  assert.deepEqual(replies, [...Array(8).fill([null, 'OK']), [null, 2]]);
  assert.equal(await redis.get(t.key(3)), 'vw');
});

check('an error at queue time discards the transaction', async (t) => {
  const redis = t.client();
  await assert.rejects(redis.multi().set(t.key('a'), 1).set(t.key('b')).exec(), (error) => {
    assert.equal(error.message, 'EXECABORT Transaction discarded because of previous errors.');
    assert.deepEqual(error.previousErrors.map((e) => e.message), ["ERR wrong number of arguments for 'set' command"]);
    return true;
  });
  assert.equal(await redis.exists(t.key('a'), t.key('b')), 0);
});

check('an error at queue time without pipeline discards the transaction', async (t) => {
  const redis = t.client();
  await redis.multi({ pipeline: false });
  assert.equal(await redis.set(t.key('a'), 1), 'QUEUED');
  await assert.rejects(redis.call('nosuchcommand', 'x'), /^ReplyError: ERR unknown command 'nosuchcommand'/);
  await assert.rejects(redis.exec(), /^ReplyError: EXECABORT Transaction discarded because of previous errors\.$/);
  assert.equal(await redis.exists(t.key('a')), 0);
});

check('an error at run time leaves the other commands', async (t) => {
  const redis = t.client();
  const replies = await redis.multi().set(t.key('a'), 'text').incr(t.key('a')).incr(t.key('b')).exec();
  assert.deepEqual(replies[0], [null, 'OK']);
  assert.equal(replies[1][0].message, 'ERR value is not an integer or out of range');
  assert.deepEqual(replies[2], [null, 1]);
});

check('DISCARD forgets what was queued', async (t) => {
  const redis = t.client();
  await redis.multi({ pipeline: false });
  await redis.set(t.key('a'), 1);
  assert.equal(await redis.discard(), 'OK');
  assert.equal(await redis.get(t.key('a')), null);
  await assert.rejects(redis.exec(), /ERR EXEC without MULTI/);
});

check('a watched key that another client changes gives null', async (t) => {
  const [redis, other] = [t.client(), t.client()];
  const keys = t.keys(8);
  for (const key of keys) {
    await redis.watch(keys);
    await other.set(key, 'theirs');
    assert.equal(await redis.multi().set(key, 'mine').exec(), null);
    assert.equal(await redis.get(key), 'theirs');
  }
});

check('watched keys that nobody changes let the transaction run', async (t) => {
  const [redis, other] = [t.client(), t.client()];
  await redis.watch(t.keys(8));
  await other.set(t.key('another'), 1);
  await other.get(t.key(0));
  assert.deepEqual(await redis.multi().set(t.key(0), 1).exec(), [[null, 'OK']]);
});

check('UNWATCH lets the transaction run', async (t) => {
  const [redis, other] = [t.client(), t.client()];
  await redis.watch(t.keys(8));
  await other.mset(Object.fromEntries(t.keys(8).map((key) => [key, 1])));
  assert.equal(await redis.unwatch(), 'OK');
  assert.deepEqual(await redis.multi().incr(t.key(0)).exec(), [[null, 2]]);
});

check('increments under WATCH by many clients lose nothing', async (t) => {
  const [clients, rounds] = [6, 25];
  const keys = [t.key('left'), t.key('right')];
  let conflicts = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    const redis = t.client();
    for (let done = 0; done < rounds;) {
      await redis.watch(keys);
      const values = (await redis.mget(keys)).map(Number);
      assert.equal(values[0], values[1]);
      const replies = await redis.multi().set(keys[0], values[0] + 1).set(keys[1], values[1] + 1).exec();
      if (replies === null) conflicts++;
      else done++;
    }
  }));
  assert.deepEqual(await t.client().mget(keys), Array(2).fill(String(clients * rounds)));
  assert.ok(conflicts > 0, 'nobody was in anybody\'s way');
});

check('concurrent transfers in transactions keep the sum', async (t) => {
  const [accounts, clients, rounds] = [10, 6, 40];
  const keys = t.keys(accounts);
  await t.client().mset(Object.fromEntries(keys.map((key) => [key, 100])));
  await Promise.all(Array.from({ length: clients }, async (_, c) => {
    const redis = t.client();
    for (let i = 0; i < rounds; i++) {
      const [from, to] = [keys[(c + i) % accounts], keys[(c * 3 + i * 7 + 1) % accounts]];
      const replies = await redis.multi().decrby(from, 5).incrby(to, 5).mget(keys).exec();
      const sum = replies[2][1].reduce((total, value) => total + Number(value), 0);
      assert.equal(sum, accounts * 100);
    }
  }));
});
