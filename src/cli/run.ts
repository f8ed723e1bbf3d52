// Runs a command line: selects the command, handles --help and --version, and prints every failure as one
// line.

import { ConfigError } from '../config/config-error.ts'
import { describeSettings } from '../config/describe-settings.ts'
import { maskValue } from '../config/mask-value.ts'
import { version } from '../config/version.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { Command, CommandContext } from './command.ts'
import { doctor } from './doctor.ts'
import { printSchema } from './print-schema.ts'
import { serve } from './serve.ts'
import { simulate } from './simulate.ts'

const commands: ReadonlyMap<string, Command> = new Map([
  ['serve', serve],
  ['doctor', doctor],
  ['simulate', simulate],
  ['print-schema', printSchema],
])

/** Runs the command that `argv` names, by default `serve`. Resolves with the exit code. */
export async function run(context: CommandContext): Promise<number> {
  const { argv, stdout, stderr } = context
  try {
    const isNamed = argv[0] !== undefined && !argv[0].startsWith('-')
    const name = isNamed ? argv[0]! : 'serve'
    const args = isNamed ? argv.slice(1) : argv
    const command = commands.get(name) ?? unknownCommand(name)
    if (args.includes('--help') || args.includes('-h')) stdout.write(help(name, command, stdout.columns))
    else if (args.includes('--version')) stdout.write(`${version}\n`)
    else return (await command.run({ ...context, argv: args })) ?? 0
    return 0
  } catch (error) {
    stderr.write(`vsphere-graphql: ${errorLine(error)}\n`)
    return error instanceof ConfigError ? 2 : 1
  }
}

function unknownCommand(name: string): never {
  const names = [...commands.keys()]
  const suggestion = didYouMean(name, names)
  throw new ConfigError(
    `unknown command ${maskValue(name)}; ${suggestion ? `did you mean ${suggestion}?` : `available commands: ${names.join(', ')}`}`,
  )
}

function help(name: string, { summary, details, settingGroups }: Command, columns?: number): string {
  const commandList = [...commands].map(([other, command]) => `  ${other.padEnd(12)}  ${command.summary}`)
  return `Usage: vsphere-graphql ${name === 'serve' ? '[serve]' : name} [flags]

${summary}

${describeSettings(settingGroups, columns)}

${details ? `${details}\n\n` : ''}Commands, each with its own --help:

${commandList.join('\n')}
`
}

/** Descriptions of listen errors. `flag` is the prefix of the flags of the address. */
const listenErrors: Readonly<Record<string, (flag: string) => string>> = {
  EADDRINUSE: (flag) => `the address is in use; set another port with ${flag}port, or 0 for any free port`,
  EACCES: (flag) => `permission denied; set another port with ${flag}port`,
  EADDRNOTAVAIL: (flag) => `it is not an address of this machine; see ${flag}host`,
  ENOTFOUND: (flag) => `unknown host name; see ${flag}host`,
}

/** Returns one line without a stack trace. */
function errorLine(failure: unknown): string {
  const isAdmin = failure instanceof Error && failure.name === 'AdminListenError'
  const error = isAdmin ? failure.cause : failure
  if (!(error instanceof Error)) return String(error)
  const { code, syscall, address, hostname, port } = error as ListenError
  const problem = listenErrors[code ?? '']
  if (problem && (syscall === 'listen' || syscall === 'getaddrinfo')) {
    return `cannot listen on ${[address ?? (hostname && maskValue(hostname)), port].filter((part) => part !== undefined).join(' port ')}: ${problem(isAdmin ? '--admin-' : '--')}`
  }
  return error.message.split('\n', 1)[0] || error.name
}

type ListenError = NodeJS.ErrnoException & { address?: string; hostname?: string; port?: number }
