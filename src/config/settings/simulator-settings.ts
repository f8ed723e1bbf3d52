// The simulator by itself.

import { address, optional, orElse, port, type Settings, text, toggle, wholeNumber } from './setting.ts'

export const simulatorSettings = {
  host: {
    ...orElse(address, '127.0.0.1'),
    flag: 'host',
    takes: 'HOST',
    help: 'The address to listen on.',
  },
  port: {
    ...orElse(port, '8989'),
    flag: 'port',
    takes: 'PORT',
    help: 'The port to listen on; 0 takes a free one.',
  },
  tls: {
    ...toggle,
    flag: 'tls',
    help: 'Serve https with a certificate made on the spot.',
  },
  vms: {
    ...optional(wholeNumber(1, 100_000)),
    flag: 'vms',
    takes: 'N',
    otherwise: 'eighteen that show something',
    help: 'Virtual machines in the inventory.',
  },
  megabytesPerSecond: {
    ...optional(wholeNumber(1, 100_000)),
    flag: 'megabytes-per-second',
    takes: 'N',
    otherwise: 'as fast as they are made',
    help: 'Megabytes (of 1,000,000 bytes) of answers that leave in a second, all together.',
  },
  seed: {
    ...orElse(wholeNumber(0, 2 ** 32 - 1), '1'),
    flag: 'seed',
    takes: 'N',
    help: 'Where chance begins: the same seed makes the same inventory and the same writes.',
  },
  username: {
    ...orElse(text, 'user'),
    flag: 'username',
    takes: 'NAME',
    help: 'The only user who may log in.',
  },
  password: {
    ...orElse({ ...text, secret: true }, 'pass'),
    flag: 'password',
    takes: 'PASSWORD',
    help: 'That user’s password.',
  },
} as const satisfies Settings
