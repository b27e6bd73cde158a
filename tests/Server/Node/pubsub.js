'use strict';

const assert = require('node:assert/strict');
const { check, until } = require('./check');

const numbers = (count) => Array.from({ length: count }, (_, i) => String(i));

check('messages of one publisher come in order', async (t) => {
  const [sub, pub] = [t.client(), t.client()];
  const channels = t.keys(10);
  assert.equal(await sub.subscribe(...channels), 10);
  const got = [];
  sub.on('message', (channel, message) => got.push(`${channel} ${message}`));
  const counts = await Promise.all(numbers(5000).map((i) => pub.publish(channels[i % 10], i)));
  assert.ok(counts.every((count) => count === 1));
  await until(() => got.length >= 5000);
  assert.deepEqual(got, numbers(5000).map((i) => `${channels[i % 10]} ${i}`));
});

check('messages of several publishers come in the order of each', async (t) => {
  const sub = t.client();
  await sub.subscribe(t.key('c'));
  const got = [[], [], [], []];
  sub.on('message', (_, message) => {
    const [publisher, number] = message.split(' ');
    got[publisher].push(number);
  });
  await Promise.all(got.map((_, p) => {
    const pub = t.client();
    return Promise.all(numbers(1000).map((i) => pub.publish(t.key('c'), `${p} ${i}`)));
  }));
  await until(() => got.every((messages) => messages.length >= 1000));
  for (const messages of got) assert.deepEqual(messages, numbers(1000));
});

check('every subscriber on every connection gets each message', async (t) => {
  const pub = t.client();
  const got = await Promise.all(numbers(8).map(async () => {
    const sub = t.client();
    const messages = [];
    sub.on('message', (_, message) => messages.push(message));
    await sub.subscribe(t.key('c'));
    return messages;
  }));
  for (const i of numbers(500)) assert.equal(await pub.publish(t.key('c'), i), 8);
  await until(() => got.every((messages) => messages.length >= 500));
  for (const messages of got) assert.deepEqual(messages, numbers(500));
});

check('patterns bring the pattern, the channel and the message', async (t) => {
  const [sub, pub] = [t.client(), t.client()];
  assert.equal(await sub.psubscribe(`${t.prefix}news.*`, `${t.prefix}h?llo`), 2);
  assert.equal(await sub.subscribe(t.key('news.art')), 3);
  const got = [];
  sub.on('pmessage', (...message) => got.push(message));
  sub.on('message', (...message) => got.push(message));
  assert.equal(await pub.publish(t.key('news.art'), 'both'), 2);
  assert.equal(await pub.publish(t.key('hello'), 'hi'), 1);
  assert.equal(await pub.publish(t.key('hllo'), 'nobody'), 0);
  await until(() => got.length >= 3);
  assert.deepEqual(got, [
    [t.key('news.art'), 'both'],
    [`${t.prefix}news.*`, t.key('news.art'), 'both'],
    [`${t.prefix}h?llo`, t.key('hello'), 'hi'],
  ]);
});

check('shard channels are apart from channels', async (t) => {
  const [sub, pub] = [t.client(), t.client()];
  assert.equal(await sub.ssubscribe(t.key('a'), t.key('b')), 2);
  const got = [];
  sub.on('smessage', (...message) => got.push(message));
  sub.on('message', (...message) => got.push(message));
  assert.equal(await pub.publish(t.key('a'), 'not this'), 0);
  for (const i of numbers(200)) assert.equal(await pub.spublish(t.key(i % 2 ? 'a' : 'b'), i), 1);
  await until(() => got.length >= 200);
  assert.deepEqual(got, numbers(200).map((i) => [t.key(i % 2 ? 'a' : 'b'), i]));
  assert.equal(await sub.sunsubscribe(t.key('a')), 1);
  assert.equal(await pub.spublish(t.key('a'), 'gone'), 0);
});

check('messages are bytes', async (t) => {
  const [sub, pub] = [t.client(), t.client()];
  const bytes = Buffer.from(Array.from({ length: 100000 }, (_, i) => i % 256));
  await sub.subscribe(t.key('c'));
  const got = [];
  sub.on('messageBuffer', (_, message) => got.push(message));
  await pub.publish(t.key('c'), bytes);
  await until(() => got.length === 1);
  assert.deepEqual(got[0], bytes);
});

check('who has unsubscribed sends ordinary commands again', async (t) => {
  const [sub, pub] = [t.client(), t.client()];
  await sub.subscribe(t.key('a'), t.key('b'));
  await sub.psubscribe(t.key('*'));
  assert.equal(await sub.unsubscribe(t.key('a')), 2);
  assert.equal(await sub.unsubscribe(t.key('b'), t.key('none')), 1);
  assert.equal(await sub.punsubscribe(), 0);
  assert.equal(await sub.set(t.key('k'), 'v'), 'OK');
  assert.equal(await sub.get(t.key('k')), 'v');
  assert.equal(await pub.publish(t.key('a'), 'x'), 0);
  assert.equal(await sub.subscribe(t.key('a')), 1);
  assert.equal(await pub.publish(t.key('a'), 'x'), 1);
});

check('a subscriber is refused ordinary commands and may PING', async (t) => {
  const sub = t.client({ enableReadyCheck: false });
  await sub.subscribe(t.key('a'));
  sub.condition.subscriber = false;        // so that the client sends what it knows to be wrong
  await assert.rejects(sub.get(t.key('k')),
    /^ReplyError: ERR Can't execute 'get': only \(P\|S\)SUBSCRIBE \/ \(P\|S\)UNSUBSCRIBE \/ PING \/ QUIT \/ RESET are allowed in this context$/);
  assert.deepEqual(await sub.ping(), ['pong', '']);
});

check('PUBSUB tells who listens', async (t) => {
  const [sub, other] = [t.client(), t.client()];
  const before = await other.pubsub('NUMPAT');
  await sub.subscribe(t.key('a'), t.key('b'));
  await sub.psubscribe(t.key('x*'));
  await sub.ssubscribe(t.key('s'));
  assert.deepEqual((await other.pubsub('CHANNELS', t.key('*'))).sort(), [t.key('a'), t.key('b')]);
  assert.deepEqual(await other.pubsub('NUMSUB', t.key('a'), t.key('none')), [t.key('a'), 1, t.key('none'), 0]);
  assert.deepEqual(await other.pubsub('SHARDNUMSUB', t.key('s')), [t.key('s'), 1]);
  assert.equal(await other.pubsub('NUMPAT'), before + 1);
});

check('messages published in a transaction and by a script arrive', async (t) => {
  const [sub, pub] = [t.client(), t.client()];
  await sub.subscribe(t.key('c'));
  const got = [];
  sub.on('message', (_, message) => got.push(message));
  assert.deepEqual(await pub.multi().publish(t.key('c'), 'one').set(t.key('k'), 1).publish(t.key('c'), 'two').exec(), [[null, 1], [null, 'OK'], [null, 1]]);
  assert.equal(await pub.eval(`redis.call('PUBLISH', ARGV[1], 'three') return redis.call('PUBLISH', ARGV[1], 'four')`, 0, t.key('c')), 1);
  await until(() => got.length >= 4);
  assert.deepEqual(got, ['one', 'two', 'three', 'four']);
});
