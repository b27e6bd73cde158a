// Runs every check against the server on a port:  node main.js PORT
'use strict';

const { runAll } = require('./check');

require('./transactions');
require('./scripts');
require('./pubsub');
require('./tracking');

// What a check left running ends with the process.
runAll(Number(process.argv[2])).then(() => process.exit(0));
