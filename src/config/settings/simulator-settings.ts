// Settings of the standalone simulator.

import { address, flagValue, integer, optional, port, type Settings, text, withDefault } from './setting.ts'

export const simulatorSettings = {
  host: {
    ...withDefault(address, '127.0.0.1'),
    flag: 'host',
    placeholder: 'HOST',
    help: 'Address to listen on.',
  },
  port: {
    ...withDefault(port, '8989'),
    flag: 'port',
    placeholder: 'PORT',
    help: 'Port to listen on; 0 selects a free port.',
  },
  tls: {
    ...flagValue,
    flag: 'tls',
    help: 'Serve https with a generated certificate.',
  },
  vms: {
    ...optional(integer(1, 100_000)),
    flag: 'vms',
    placeholder: 'N',
    defaultText: '18, with various states',
    help: 'Number of virtual machines in the inventory.',
  },
  smallMachine: {
    ...flagValue,
    flag: 'small-machine',
    help: 'Add the virtual machine small-01, with three tracked disks of 16 to 64 MiB, which a backup reads in seconds.',
  },
  megabytesPerSecond: {
    ...optional(integer(1, 100_000)),
    flag: 'megabytes-per-second',
    placeholder: 'N',
    defaultText: 'no limit',
    help: 'Maximum rate of all responses together, in megabytes (1,000,000 bytes) per second.',
  },
  seed: {
    ...withDefault(integer(0, 2 ** 32 - 1), '1'),
    flag: 'seed',
    placeholder: 'N',
    help: 'Seed of the random generator: the same seed creates the same inventory and the same writes.',
  },
  username: {
    ...withDefault(text, 'user'),
    flag: 'username',
    placeholder: 'NAME',
    help: 'Name of the administrator. The users reader, operator and frankfurt have fewer rights.',
  },
  password: {
    ...withDefault({ ...text, secret: true }, 'pass'),
    flag: 'password',
    placeholder: 'PASSWORD',
    help: 'Password of all users.',
  },
} as const satisfies Settings
