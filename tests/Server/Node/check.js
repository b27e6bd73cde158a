// What the checks have in common: each has a name, connections of its own, and a line of JSON that says how it went.
'use strict';

const Redis = require('ioredis');

const TIMEOUT_MS = 20000;
const checks = [];

/** Adds a check: `run` gets a Context and fails by throwing. */
function check(name, run) {
  checks.push({ name, run });
}

/** What a check works with: connections that end with it, and key names that no other check uses. */
class Context {
  constructor(port, number) {
    this.port = port;
    this.prefix = `c${number}:`;
    this.clients = [];
  }

  /** A new connection; what it reports beside replies is an error of the check. */
  client(options = {}) {
    const client = new Redis(this.port, '127.0.0.1', { maxRetriesPerRequest: 0, retryStrategy: null, ...options });
    this.clients.push(client);
    return client;
  }

  key(name) {
    return this.prefix + name;
  }

  /** So many keys: with a hash that is keyed anew at each start, they lie on every shard. */
  keys(count) {
    return Array.from({ length: count }, (_, i) => this.key(i));
  }

  close() {
    for (const client of this.clients) client.disconnect();
  }
}

/** Waits until a condition holds; a check's time is the limit. */
async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function runOne({ name, run }, context) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([run(context), late]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, detail: String(error && error.stack ? error.stack : error) };
  } finally {
    clearTimeout(timer);
    context.close();
  }
}

/** Runs all checks, so many at a time, and tells of each when it ends. */
async function runAll(port, atOnce = 1) {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < checks.length) {
      const i = next++;
      console.log(JSON.stringify(await runOne(checks[i], new Context(port, i))));
    }
  }));
}

module.exports = { check, until, runAll };
