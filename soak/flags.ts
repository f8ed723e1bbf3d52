// Parses the command line of a soak.

import { parseArgs } from 'node:util'
import { externalVCenter } from './vcenter/external-vcenter.ts'
import { simulatedVCenter } from './vcenter/simulated-vcenter.ts'
import type { VCenterUnderTest } from './vcenter/vcenter-under-test.ts'

const help = `npm run soak -- [flags]

Runs many clients against a gateway whose vCenter fails repeatedly, then checks that nothing was leaked.

  --seconds N     Duration in seconds, after a warm-up of a quarter of it. Default: 60
  --clients N     Number of concurrent clients. Default: 200
  --adversary     Run the adversarial tests instead; see --adversary --help.

By default, the vCenter is the simulator, with injected faults. With --url, it is an existing vCenter or vcsim, and you
cause the faults. All other flags and the environment are then passed to the gateway (--username, --password-file,
--insecure, --thumbprint, ...).

  --changes GLOB  With --url: names of virtual machines on which to create and remove snapshots. Virtual machines that
                  already have snapshots are left unchanged. Default: none`

export interface Flags {
  readonly seconds: number
  readonly clients: number
  readonly openVCenter: () => Promise<VCenterUnderTest>
}

const options = {
  seconds: { type: 'string', default: '60' },
  clients: { type: 'string', default: '200' },
  changes: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Exits after --help, or if the flags are invalid. */
export function readFlags(argv: string[]): Flags {
  const isOwn = (name: string) => Object.hasOwn(options, name)
  const { tokens } = parseArgs({ args: argv, options, strict: false, tokens: true })
  const own = new Set<number>()
  for (const token of tokens) {
    if (token.kind !== 'option' || !isOwn(token.name)) continue
    own.add(token.index)
    if (token.value !== undefined && !token.inlineValue) own.add(token.index + 1)
  }
  const { values } = parseArgs({ args: argv.filter((_, index) => own.has(index)), options })
  if (values.help) {
    console.log(help)
    process.exit()
  }
  const flags = argv.filter((_, index) => !own.has(index))
  const isExternal = flags.some((flag) => /^--url(=|$)/.test(flag))
  if (!isExternal && (flags.length > 0 || values.changes !== undefined))
    exitWithUsage(`${flags[0] ?? '--changes'} requires --url`)
  const clients = positive(values.clients, 'clients')
  return {
    seconds: positive(values.seconds, 'seconds'),
    clients,
    openVCenter: () => (isExternal ? externalVCenter(flags, values.changes) : simulatedVCenter(clients)),
  }
}

function positive(text: string, flag: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) exitWithUsage(`--${flag} must be an integer of at least 1`)
  return value
}

function exitWithUsage(message: string): never {
  console.error(message)
  process.exit(2)
}
