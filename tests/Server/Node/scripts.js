'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { check } = require('./check');

const sha = (lua) => crypto.createHash('sha1').update(lua).digest('hex');

check('a defined command runs, and is known by its SHA afterwards', async (t) => {
  const redis = t.client();
  const lua = `return {KEYS[1], ARGV[1], '${t.prefix}'}`;
  redis.defineCommand('echoed', { numberOfKeys: 1, lua });
  for (let i = 0; i < 3; i++) assert.deepEqual(await redis.echoed(t.key('a'), `v${i}`), [t.key('a'), `v${i}`, t.prefix]);
  assert.deepEqual(await redis.script('EXISTS', sha(lua)), [1]);
  assert.deepEqual(await redis.evalsha(sha(lua), 1, 'k', 'v'), ['k', 'v', t.prefix]);
});

check('after SCRIPT FLUSH a defined command answers NOSCRIPT once, and is sent anew', async (t) => {
  const redis = t.client();
  const lua = `return redis.call('INCR', KEYS[1]) -- ${t.prefix}`;
  redis.defineCommand('counted', { numberOfKeys: 1, lua });
  assert.equal(await redis.counted(t.key('a')), 1);
  assert.equal(await redis.script('FLUSH'), 'OK');
  await assert.rejects(redis.evalsha(sha(lua), 1, t.key('a')), /^ReplyError: NOSCRIPT No matching script\./);
  assert.equal(await redis.counted(t.key('a')), 2);
  assert.equal(await redis.counted(t.key('a')), 3);
  assert.deepEqual(await redis.script('EXISTS', sha(lua)), [1]);
});

check('a defined command has keys on several shards', async (t) => {
  const redis = t.client();
  redis.defineCommand('swapAll', {
    lua: `local values = redis.call('MGET', unpack(KEYS))
          for i, key in ipairs(KEYS) do redis.call('SET', key, values[#KEYS + 1 - i]) end
          return #KEYS`,
  });
  const keys = t.keys(16);
  await redis.mset(Object.fromEntries(keys.map((key, i) => [key, i])));
  assert.equal(await redis.swapAll(keys.length, ...keys), 16);
  assert.deepEqual(await redis.mget(keys), keys.map((_, i) => String(15 - i)));
});

check('defined commands of many clients over two keys are atomic', async (t) => {
  const lua = `local a, b = redis.call('GET', KEYS[1]) or '0', redis.call('GET', KEYS[2]) or '0'
               if a ~= b then return redis.error_reply('torn: ' .. a .. ' ' .. b) end
               redis.call('INCR', KEYS[1])
               return redis.call('INCR', KEYS[2])`;
  await Promise.all(Array.from({ length: 6 }, async () => {
    const redis = t.client();
    redis.defineCommand('both', { numberOfKeys: 2, lua });
    const calls = [];
    for (let i = 0; i < 100; i++) calls.push(redis.both(t.key(`l${i % 5}`), t.key(`r${i % 5}`)));
    await Promise.all(calls);
  }));
  const values = await t.client().mget(...[0, 1, 2, 3, 4].flatMap((i) => [t.key(`l${i}`), t.key(`r${i}`)]));
  assert.deepEqual(values, Array(10).fill('120'));
});

check('a defined command works in pipelines and transactions', async (t) => {
  const redis = t.client();
  redis.defineCommand('addUp', { numberOfKeys: 2, lua: `return redis.call('INCRBY', KEYS[1], ARGV[1]) + redis.call('INCRBY', KEYS[2], ARGV[1])` });
  const [a, b] = [t.key('a'), t.key('b')];
  assert.deepEqual(await redis.pipeline().addUp(a, b, 1).set(a, 10).addUp(a, b, 1).get(b).exec(), [[null, 2], [null, 'OK'], [null, 13], [null, '2']]);
  assert.deepEqual(await redis.multi().set(b, 0).addUp(a, b, 4).get(a).exec(), [[null, 'OK'], [null, 19], [null, '15']]);
});

check('values of a script become replies', async (t) => {
  const redis = t.client();
  const cases = [
    ['return 3.99', 3], ['return -3.99', -3], ['return 9007199254740991', 9007199254740991], ['return "3.99"', '3.99'],
    ['return true', 1], ['return false', null], ['return nil', null], ['return', null], ['return {}', []],
    ['return {1, 2.5, "x", true, false, {"deep", {4}}}', [1, 2, 'x', 1, null, ['deep', [4]]]],
    ['return {1, nil, 3}', [1]], ['return {ok = "FINE"}', 'FINE'], ['return redis.status_reply("FINE")', 'FINE'],
    ['return redis.call("PING")', 'PONG'], ['return redis.call("GET", "no such key")', null],
    ['return type(redis.call("GET", "no such key"))', 'boolean'], ['return {double = 1.5}', '1.5'], ['return {KEYS, ARGV}', [[], []]],
  ];
  for (const [lua, expected] of cases) assert.deepEqual(await redis.eval(lua, 0), expected, lua);
});

check('bytes pass through a script unchanged', async (t) => {
  const redis = t.client();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  redis.defineCommand('store', { numberOfKeys: 1, lua: `redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1]) .. ARGV[1]` });
  assert.deepEqual(await redis.storeBuffer(t.key('a'), bytes), Buffer.concat([bytes, bytes]));
});

check('errors of a script come as errors', async (t) => {
  const redis = t.client();
  await redis.set(t.key('a'), 'text');
  const cases = [
    [`return redis.error_reply('MINE of my own')`, /^MINE of my own$/],
    [`return redis.error_reply('plain')`, /^ERR plain$/],
    [`return {err = 'OTHER way'}`, /^OTHER way$/],
    [`return redis.call('INCR', KEYS[1])`, /^ERR value is not an integer or out of range script: on @user_script:1\.$/],
    [`return redis.pcall('INCR', KEYS[1])`, /^ERR value is not an integer or out of range$/],
    [`local x = nil; return x.y`, /^ERR user_script:1: attempt to index local 'x' \(a nil value\) script: on @user_script:1\.$/],
    [`error('thrown')`, /^ERR user_script:1: thrown script: on @user_script:1\.$/],
    [`error({err = 'TABLE thrown'})`, /^TABLE thrown script: on @user_script:1\.$/],
    [`return (`, /^ERR Error compiling script \(new function\): user_script:1: unexpected symbol near '<eof>'$/],
    [`return redis.call('NOSUCH')`, /^ERR Unknown command called from script script: on @user_script:1\.$/],
    [`return redis.call('SUBSCRIBE', 'x')`, /^ERR This Valkey command is not allowed from script script: on @user_script:1\.$/],
  ];
  for (const [lua, expected] of cases) {
    await assert.rejects(redis.eval(lua, 1, t.key('a')), (error) => {
      assert.match(error.message, expected, lua);
      return true;
    });
  }
});

check('what a script wrote before its error stays', async (t) => {
  const redis = t.client();
  await assert.rejects(redis.eval(`for _, key in ipairs(KEYS) do redis.call('SET', key, 1) end error('late')`, 8, ...t.keys(8)), /late/);
  assert.equal(await redis.exists(...t.keys(8)), 8);
});

check('EVAL_RO and EVALSHA_RO read, and refuse writes', async (t) => {
  const redis = t.client();
  await redis.set(t.key('a'), 'v');
  const lua = `return redis.call(ARGV[1], KEYS[1])`;
  assert.equal(await redis.call('EVAL_RO', lua, 1, t.key('a'), 'GET'), 'v');
  assert.equal(await redis.call('EVALSHA_RO', sha(lua), 1, t.key('a'), 'GET'), 'v');
  await assert.rejects(redis.call('EVALSHA_RO', sha(lua), 1, t.key('a'), 'DEL'), /Write commands are not allowed from read-only scripts/);
  assert.equal(await redis.get(t.key('a')), 'v');
});

check('functions of a library are called with keys on several shards', async (t) => {
  const redis = t.client();
  const code = `#!lua name=ioredis
    local function sum(keys)
      local total = 0
      for _, key in ipairs(keys) do total = total + redis.call('GET', key) end
      return total
    end
    redis.register_function{function_name = 'sum', callback = sum, flags = {'no-writes'}}
    redis.register_function('put', function(keys, args) return redis.call('SET', keys[1], args[1]) end)`;
  assert.equal(await redis.function('LOAD', 'REPLACE', code), 'ioredis');
  const keys = t.keys(16);
  for (const [i, key] of keys.entries()) assert.equal(await redis.fcall('put', 1, key, i), 'OK');
  assert.equal(await redis.fcall('sum', 16, ...keys), 120);
  assert.equal(await redis.fcall_ro('sum', 16, ...keys), 120);
  await assert.rejects(redis.fcall_ro('put', 1, keys[0], 1), /Can not execute a script with write flag using \*_ro command/);
  assert.equal(await redis.function('DELETE', 'ioredis'), 'OK');
  await assert.rejects(redis.fcall('sum', 0), /^ReplyError: ERR Function not found$/);
});
