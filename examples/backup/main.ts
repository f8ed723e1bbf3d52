// The command line of the backup program.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type BackupTools, backUp } from './backup.ts'
import { discard } from './discard.ts'
import { Gateway } from './gateway.ts'
import { createSend } from './http.ts'
import { mebibytes, Progress } from './progress.ts'
import { type Lock, withLock } from './storage/lock.ts'
import { Repository } from './storage/repository.ts'
import { restore } from './storage/restore.ts'
import { keepNewest } from './storage/retention.ts'
import { problemOf, verify } from './storage/verify.ts'
import { VCenter } from './vcenter.ts'

const usage = `Usage:
  backup  FOLDER VM             back up a virtual machine; only changes, if the folder has a backup of it
          --full                copy everything, for example after damage was found
          --keep COUNT          afterwards, delete all but the newest generations
          --lease-hours HOURS   when the gateway removes the snapshot if this program does not (24, at most 168)
  list    FOLDER                list the generations
  verify  FOLDER                compare everything that is stored with its checksums
  restore FOLDER ID TARGET      write the disks of a generation to raw images in the folder TARGET
  keep    FOLDER COUNT          delete all but the newest generations
  discard FOLDER                give up a backup that was interrupted

Exit codes: 0 success, 1 failure, 2 wrong usage, 3 a backup was made, but without disks that were left out

Environment:
  GATEWAY_URL         http://127.0.0.1:4000/graphql
  GATEWAY_TOKEN       bearer token for the gateway, if it needs one
  VSPHERE_URL, VSPHERE_USERNAME, VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE, VSPHERE_THUMBPRINT
                      the vCenter that the data is read from, as for the gateway
`

/** A problem of the command line. */
class UsageError extends Error {}

const interrupted = new AbortController()

async function main(argv: readonly string[]): Promise<void> {
  const { positionals, values } = parse(argv)
  const [command, folder, ...args] = positionals
  if (command === undefined || values.help) return print(usage)
  if (folder === undefined) throw new UsageError('FOLDER is missing')
  const repository = new Repository(folder)
  if (command === 'backup') mkdirSync(folder, { recursive: true })
  else if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  switch (command) {
    case 'backup': {
      const [machine] = take(args, 'VM')
      const keep = values.keep === undefined ? undefined : wholeNumber('--keep', values.keep)
      const hours = values['lease-hours']
      const leaseSeconds = hours === undefined ? undefined : wholeNumber('--lease-hours', hours, 168) * 3600
      return withLock(repository, async (lock) => {
        await runBackup(machine as string, repository, lock, { leaseSeconds, isFull: values.full })
        if (keep !== undefined) await deleteOld(repository, keep)
      })
    }
    case 'list':
      take(args)
      return list(repository)
    case 'verify':
      take(args)
      return verifyAll(repository)
    case 'restore': {
      const [id, target] = take(args, 'ID', 'TARGET') as [string, string]
      return withLock(repository, async () => {
        const { generation, images } = await restore(repository, id, target)
        for (const image of images) print(`${image}\n`)
        for (const message of generation.leftOut) console.error(`not in the backup: ${message}`)
      })
    }
    case 'keep': {
      const [count] = take(args, 'COUNT')
      return withLock(repository, () => deleteOld(repository, wholeNumber('COUNT', count as string)))
    }
    case 'discard':
      take(args)
      return withLock(repository, () => discard({ gateway: connectGateway(), repository, report }))
    default:
      throw new UsageError(`${JSON.stringify(command)} is not a command`)
  }
}

async function runBackup(
  machine: string,
  repository: Repository,
  lock: Lock,
  options: Pick<BackupTools, 'isFull' | 'leaseSeconds'>,
): Promise<void> {
  const { VSPHERE_URL, VSPHERE_USERNAME, VSPHERE_PASSWORD, VSPHERE_PASSWORD_FILE } = process.env
  if (!VSPHERE_URL || !VSPHERE_USERNAME) throw new UsageError('VSPHERE_URL or VSPHERE_USERNAME is not set')
  const password =
    VSPHERE_PASSWORD_FILE === undefined
      ? (VSPHERE_PASSWORD ?? '')
      : readFileSync(VSPHERE_PASSWORD_FILE, 'utf8').replace(/\r?\n$/, '')
  const { signal } = interrupted
  const thumbprint = process.env.VSPHERE_THUMBPRINT
  const credentials = { username: VSPHERE_USERNAME, password }
  const vcenter = new VCenter(VSPHERE_URL, createSend({ thumbprint, signal }), credentials, { signal })
  const progress = new Progress(process.stderr)
  try {
    const { id, leftOut } = await backUp(machine, {
      gateway: connectGateway(),
      vcenter,
      repository,
      progress,
      report,
      assertLocked: () => lock.assertHeld(),
      ...options,
    })
    print(`${id}${leftOut.length > 0 ? '  incomplete: disks were left out' : ''}\n`)
    if (leftOut.length > 0) process.exitCode = 3
  } finally {
    await vcenter
      .logOut(createSend({ thumbprint }))
      .catch((error: Error) => report(`The session was not ended: ${error.message}`))
  }
}

function connectGateway(): Gateway {
  const { GATEWAY_URL = 'http://127.0.0.1:4000/graphql', GATEWAY_TOKEN } = process.env
  const { signal } = interrupted
  return new Gateway(GATEWAY_URL, createSend({ signal }), GATEWAY_TOKEN, { signal })
}

async function deleteOld(repository: Repository, count: number): Promise<void> {
  for (const id of await keepNewest(repository, count)) print(`${id} deleted\n`)
}

async function list(repository: Repository): Promise<void> {
  const { generations, damaged } = await repository.scan()
  for (const generation of generations) {
    const { id, startedAt, machine, disks, leftOut } = generation
    print(`${id}  ${startedAt}  ${machine}\n`)
    for (const { key, label, basis, fullReason, bytes, capacity } of disks)
      print(
        `  ${key}  ${label}: ${basis === 'FULL' ? `full (${fullReason})` : 'changes'}, ${mebibytes(bytes)} of ${mebibytes(capacity)}\n`,
      )
    for (const message of leftOut) print(`  not in the backup: ${message}\n`)
    const problem = problemOf(repository, generations, generation)
    if (problem !== undefined) print(`  cannot be restored: ${problem}\n`)
  }
  for (const id of damaged) print(`${id}  damaged\n`)
}

async function verifyAll(repository: Repository): Promise<void> {
  const { verified, problems, leftOut } = await verify(repository)
  for (const problem of problems) console.error(problem)
  if (verified === 0 && problems.length === 0) throw new Error('there is nothing to verify')
  if (problems.length > 0)
    throw new Error(
      `${problems.length} problems found; "backup --full" makes a generation that needs no other`,
    )
  for (const message of leftOut) console.error(`not in the backup ${message}`)
  print(`${mebibytes(verified)} verified, nothing is damaged\n`)
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        full: { type: 'boolean' },
        keep: { type: 'string' },
        'lease-hours': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function take(args: readonly string[], ...names: readonly string[]): readonly string[] {
  const missing = names[args.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing`)
  if (args.length > names.length) throw new UsageError(`unexpected argument ${args[names.length]}`)
  return args
}

function wholeNumber(name: string, text: string, max = 999_999_999): number {
  if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= max) return Number(text)
  throw new UsageError(`${name} must be a whole number from 1 to ${max}`)
}

function report(line: string): void {
  console.error(line)
}

function print(text: string): void {
  process.stdout.write(text)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error('interrupted; run the backup again to continue')))

main(process.argv.slice(2)).catch((error: Error) => {
  const isInterrupted = interrupted.signal.aborted
  console.error(isInterrupted ? (interrupted.signal.reason as Error).message : error.message)
  if (error instanceof UsageError) console.error(`\n${usage}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
