// Parses the command line of a soak.

import { parseArgs } from 'node:util'
import { externalVCenter } from './external-vcenter.ts'
import { simulatedVCenter } from './simulated-vcenter.ts'
import type { VCenterUnderTest } from './vcenter-under-test.ts'

const help = `npm run soak -- [flags]

  --seconds N     How long, after a warm-up of a quarter of it. Default: 60
  --clients N     How many ask at the same time. Default: 200
  --adversary     Attacks SOAP responses and calls instead; see --adversary --help.

On our simulator, which is made to break again and again. Or, with --url, on a vCenter or vcsim that somebody else breaks
meanwhile; all other flags, and the environment, are then the gateway's (--username, --password-file, --insecure,
--thumbprint ...).

  --changes GLOB  With --url: the names of virtual machines that may be given snapshots, which are removed again. Only those
                  without snapshots are. Default: none`

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
    exitWithUsage(`${flags[0] ?? '--changes'} needs --url`)
  const clients = positive(values.clients, 'clients')
  return {
    seconds: positive(values.seconds, 'seconds'),
    clients,
    openVCenter: () => (isExternal ? externalVCenter(flags, values.changes) : simulatedVCenter(clients)),
  }
}

function positive(text: string, flag: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) exitWithUsage(`--${flag} is a number from 1 on`)
  return value
}

function exitWithUsage(message: string): never {
  console.error(message)
  process.exit(2)
}
