// Client-side caching as clients of RESP2 have it: a second connection that hears for the first.
'use strict';

const assert = require('node:assert/strict');
const { check, until } = require('./check');

/** A client that tracks with these options; what its listener hears: an array of keys per message, null for a flush. */
async function tracker(t, ...options) {
  const [redis, listener] = [t.client(), t.client()];
  const heard = [];
  const id = await listener.client('ID');
  await listener.subscribe('__redis__:invalidate');
  listener.on('messageBuffer', (channel, keys) => {
    assert.equal(channel.toString(), '__redis__:invalidate');
    heard.push(keys === null ? null : keys.map(String));
  });
  assert.equal(await redis.client('TRACKING', 'ON', 'REDIRECT', id, ...options), 'OK');
  assert.equal(await redis.client('GETREDIR'), id);
  return { redis, heard };
}

/** What was heard so far, in the order of keys; a key that only ends the wait stands last. */
const sorted = (heard) => heard.flat().sort();

check('a key that was read is invalidated once', async (t) => {
  const { redis, heard } = await tracker(t);
  const other = t.client();
  const keys = t.keys(16);
  await redis.mget(keys);
  for (const key of keys) await other.set(key, 1);
  await until(() => heard.length >= 16);
  for (const key of keys) await other.set(key, 2);
  await redis.get(t.key(0));
  await other.del(t.key(0));
  await until(() => heard.length >= 17);
  assert.deepEqual(sorted(heard), [...keys, t.key(0)].sort());
});

check('keys that nobody read are not invalidated', async (t) => {
  const { redis, heard } = await tracker(t);
  const other = t.client();
  await redis.get(t.key('read'));
  await redis.set(t.key('written'), 1);
  for (const key of t.keys(16)) await other.set(key, 1);
  await other.set(t.key('written'), 2);
  await other.set(t.key('read'), 1);
  await until(() => heard.length >= 1);
  assert.deepEqual(heard, [[t.key('read')]]);
});

check('a client hears of its own changes, and with NOLOOP it does not', async (t) => {
  for (const noLoop of [false, true]) {
    const { redis, heard } = await tracker(t, ...(noLoop ? ['NOLOOP'] : []));
    const other = t.client();
    await redis.get(t.key('own'));
    await redis.get(t.key('theirs'));
    await redis.set(t.key('own'), 1);
    await other.set(t.key('theirs'), 1);
    await until(() => sorted(heard).includes(t.key('theirs')) && (noLoop || heard.length >= 2));
    assert.deepEqual(sorted(heard), noLoop ? [t.key('theirs')] : [t.key('own'), t.key('theirs')]);
  }
});

check('BCAST with PREFIX tells of what begins so, read or not', async (t) => {
  const { redis, heard } = await tracker(t, 'BCAST', 'PREFIX', t.key('user:'), 'PREFIX', t.key('item:'));
  const other = t.client();
  for (const name of ['user:1', 'none:1', 'item:1', 'user:2']) await other.set(t.key(name), 1);
  await redis.get(t.key('none:1'));
  await other.del(t.key('none:1'));
  await other.set(t.key('item:end'), 1);
  await until(() => sorted(heard).length >= 4);
  assert.deepEqual(sorted(heard), ['item:1', 'item:end', 'user:1', 'user:2'].map((name) => t.key(name)));
});

check('BCAST with NOLOOP leaves out what the client changes itself', async (t) => {
  const { redis, heard } = await tracker(t, 'BCAST', 'PREFIX', t.prefix, 'NOLOOP');
  const other = t.client();
  await redis.mset(Object.fromEntries(t.keys(8).map((key) => [key, 1])));
  for (const key of t.keys(4)) await other.incr(key);
  await until(() => sorted(heard).length >= 4);
  assert.deepEqual(sorted(heard), t.keys(4));
});

check('OPTIN tracks what follows CLIENT CACHING YES', async (t) => {
  const { redis, heard } = await tracker(t, 'OPTIN');
  const other = t.client();
  await redis.get(t.key('without'));
  assert.equal(await redis.client('CACHING', 'YES'), 'OK');
  await redis.get(t.key('with'));
  await redis.get(t.key('after'));
  for (const name of ['without', 'after', 'with']) await other.set(t.key(name), 1);
  await until(() => heard.length >= 1);
  assert.deepEqual(heard, [[t.key('with')]]);
});

check('OPTOUT tracks all but what follows CLIENT CACHING NO', async (t) => {
  const { redis, heard } = await tracker(t, 'OPTOUT');
  const other = t.client();
  assert.equal(await redis.client('CACHING', 'NO'), 'OK');
  await redis.get(t.key('without'));
  await redis.get(t.key('with'));
  for (const name of ['without', 'with']) await other.set(t.key(name), 1);
  await until(() => heard.length >= 1);
  assert.deepEqual(heard, [[t.key('with')]]);
});

check('an expired key is invalidated', async (t) => {
  const { redis, heard } = await tracker(t);
  await t.client().set(t.key('a'), 1, 'PX', 30);
  await redis.get(t.key('a'));
  await until(() => heard.length >= 1);
  assert.deepEqual(heard, [[t.key('a')]]);
});

check('FLUSHALL invalidates everything', async (t) => {
  const { redis, heard } = await tracker(t);
  await redis.mget(t.keys(8));
  await t.client().flushall();
  await until(() => heard.includes(null));
  assert.deepEqual(heard, [null]);
});

check('after TRACKING OFF nothing is heard', async (t) => {
  const { redis, heard } = await tracker(t);
  const { redis: still, heard: stillHeard } = await tracker(t);
  const other = t.client();
  await redis.get(t.key('a'));
  await still.get(t.key('a'));
  assert.equal(await redis.client('TRACKING', 'OFF'), 'OK');
  assert.equal(await redis.client('GETREDIR'), -1);
  await other.set(t.key('a'), 1);
  await until(() => stillHeard.length >= 1);
  assert.deepEqual(heard, []);
});

check('changes by transactions and scripts invalidate', async (t) => {
  const { redis, heard } = await tracker(t);
  const other = t.client();
  const keys = t.keys(8);
  await redis.mget(keys);
  await other.multi().set(keys[0], 1).set(keys[1], 1).set(keys[2], 1).exec();
  await other.eval(`for _, key in ipairs(KEYS) do redis.call('SET', key, 1) end`, 5, ...keys.slice(3));
  await until(() => sorted(heard).length >= 8);
  assert.deepEqual(sorted(heard), keys);
});

check('a redirection to no client is refused', async (t) => {
  await assert.rejects(t.client().client('TRACKING', 'ON', 'REDIRECT', 999999999),
    /^ReplyError: ERR The client ID you want redirect to does not exist$/);
});
