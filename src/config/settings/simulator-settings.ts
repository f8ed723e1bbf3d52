// Settings of the standalone simulator.

import { address, flagValue, integer, optional, port, type Settings, text, withDefault } from './setting.ts'

export const simulatorSettings = {
  host: {
    ...withDefault(address, '127.0.0.1'),
    flag: 'host',
    placeholder: 'HOST',
    help: 'The address to listen on.',
  },
  port: {
    ...withDefault(port, '8989'),
    flag: 'port',
    placeholder: 'PORT',
    help: 'The port to listen on; 0 takes a free one.',
  },
  tls: {
    ...flagValue,
    flag: 'tls',
    help: 'Serve https with a certificate made on the spot.',
  },
  vms: {
    ...optional(integer(1, 100_000)),
    flag: 'vms',
    placeholder: 'N',
    defaultText: 'eighteen that show something',
    help: 'Virtual machines in the inventory.',
  },
  megabytesPerSecond: {
    ...optional(integer(1, 100_000)),
    flag: 'megabytes-per-second',
    placeholder: 'N',
    defaultText: 'as fast as they are made',
    help: 'Megabytes (of 1,000,000 bytes) of answers that leave in a second, all together.',
  },
  seed: {
    ...withDefault(integer(0, 2 ** 32 - 1), '1'),
    flag: 'seed',
    placeholder: 'N',
    help: 'Where chance begins: the same seed makes the same inventory and the same writes.',
  },
  username: {
    ...withDefault(text, 'user'),
    flag: 'username',
    placeholder: 'NAME',
    help: 'The only user who may log in.',
  },
  password: {
    ...withDefault({ ...text, secret: true }, 'pass'),
    flag: 'password',
    placeholder: 'PASSWORD',
    help: 'That user’s password.',
  },
} as const satisfies Settings
