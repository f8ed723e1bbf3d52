// Runs the example backup program as users do: the commands of its README, and processes that are killed and interrupted.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { Repository } from '../../../examples/backup/storage/repository.ts'
import { loadServeConfig, loadSimulateConfig } from '../../../src/config/config.ts'
import { systemClock } from '../../../src/simulator/clock.ts'
import { createSimulator } from '../../../src/simulator/index.ts'
import { createRandom } from '../../../src/simulator/random.ts'
import { blocks, linksOf, read } from '../../docs/markdown.ts'
import { snapshotsIn } from '../../schema/captures/capture-fixture.ts'
import { startGateway } from '../../test-gateway.ts'
import { bytesOf } from './backup-fixture.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const program = join(root, 'examples/backup/dist/main.js')
const readme = read('examples/backup/README.md')

beforeAll(async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'example:backup', '--', '--help'], {
    cwd: root,
  })
  expect(stdout).toMatch(/^Usage:/)
})

/** A vCenter over TLS with small-01, and a gateway, both in this process. */
async function start() {
  let offset = 0
  const clock = {
    now: () => new Date(Date.now() + offset),
    schedule: systemClock.schedule,
    advance: (ms: number) => {
      offset += ms
    },
  }
  const simulator = createSimulator({
    smallMachine: true,
    clock,
    tasks: { queuedMs: 0, durationMs: 5 },
  })
  onTestFinished(() => simulator.close())
  const server = await simulator.listen({ tls: true })
  const gateway = startGateway({ simulator })
  onTestFinished(() => gateway.close())
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const machine = simulator.inventory.machine('small-01')
  const env = {
    PATH: process.env.PATH,
    GATEWAY_URL: await gateway.listen(),
    VSPHERE_URL: server.origin,
    VSPHERE_USERNAME: 'user',
    VSPHERE_PASSWORD: 'pass',
    VSPHERE_THUMBPRINT: server.thumbprint,
  }
  return {
    simulator,
    clock,
    machine,
    folder,
    env,
    repository: new Repository(join(folder, 'backups')),
    /** Starts the program. */
    run(...args: readonly string[]) {
      const child = spawn(process.execPath, [program, ...args], { cwd: folder, env })
      onTestFinished(() => void child.kill('SIGKILL'))
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk
        })
      return { child, ended: once(child, 'close').then(([code]) => ({ code, output })) }
    },
    /** Checks that the images in a folder are the disks at the tokens of a generation. */
    async compare(id: string, images: string) {
      const generation = (await this.repository.generations()).find((each) => each.id === id)
      expect(generation?.disks).toHaveLength(3)
      for (const { key, token, capacity } of generation?.disks ?? []) {
        const image = await readFile(join(folder, images, `${key}.img`))
        expect(image.equals(bytesOf(machine.disks, token, capacity)), `disk ${key}`).toBe(true)
      }
    },
    /** How much of a backup in progress is stored. */
    copied: () =>
      machine.disks
        .map(({ key }) =>
          statSync(join(folder, 'backups/in-progress', `${key}.data`), { throwIfNoEntry: false }),
        )
        .reduce((sum, file) => sum + (file?.size ?? 0), 0),
  }
}

/** Waits until a condition holds, while the gateway and the program work. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('the commands of the README start the servers, back up, list, verify, restore and delete', async () => {
  const fixture = await start()
  const { folder, env, clock, machine, repository } = fixture
  const [simulate = '', serve = '', first = '', second = '', restoring = '', keeping = ''] = blocks(
    readme,
    'sh',
  )
  const argumentsOf = (block: string) => / -- (.*)/.exec(block)?.[1]?.split(' ') ?? []
  expect(loadSimulateConfig({ argv: argumentsOf(simulate) })).toMatchObject({
    tls: true,
    smallMachine: true,
    port: 8989,
  })
  const bash = async (script: string) => {
    const commands = script.replaceAll(
      'npm run --silent example:backup --',
      `'${process.execPath}' '${program}'`,
    )
    const options = { cwd: folder, env }
    const { stdout } = await promisify(execFile)(
      'bash',
      ['--norc', '-e', '-c', `exec 2>&1\n${commands}`],
      options,
    ).catch(({ message, stdout: output }) => {
      throw new Error(`${message}\n${output}`)
    })
    return stdout.replaceAll(/\d+\.\d MiB/g, 'N MiB')
  }
  const shown = blocks(readme, 'text').map((text) =>
    text.replaceAll(/^ {3}/gm, '').replaceAll(/\d+\.\d MiB/g, 'N MiB'),
  )

  const environment = await bash(serve.replace('AA:BB:…', 'AA:BB').replace(/npm start.*/, 'env'))
  expect(environment).toContain('VSPHERE_THUMBPRINT=AA:BB\n')
  const config = loadServeConfig({
    argv: argumentsOf(serve),
    env: { ...env, VSPHERE_THUMBPRINT: env.VSPHERE_THUMBPRINT as string },
    readFile: (path) => readFileSync(join(folder, path), 'utf8'),
    modeOf: (path) => statSync(join(folder, path)).mode,
  })
  expect(config.vcenter).toBeDefined()

  expect(await bash(first)).toBe(shown[0])
  clock.advance(40_000)
  expect(await bash(second)).toBe(shown[1])
  const listed = await bash(restoring)
  expect(listed).toMatch(/^000001 .*small-01\n {2}2000 {2}Hard disk 1: full \(NO_TOKEN\), N MiB of N MiB\n/)
  expect(listed).toContain('N MiB verified, nothing is damaged\nrestored/2000.img\n')
  await fixture.compare('000002', 'restored')
  const [, later] = await repository.generations()
  for (const { basis, bytes, capacity } of later?.disks ?? []) {
    expect(basis).toBe('CHANGES')
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(capacity / 2)
  }
  expect(await bash(keeping)).toBe('000001 deleted\n')
  expect(snapshotsIn(machine)).toEqual([])
})

test('a process that is killed several times is continued, and the images equal the disks', async () => {
  const fixture = await start()
  const { run, copied, machine, simulator } = fixture
  const random = createRandom('kill -9', process.env.BACKUP_SEED ?? 1)
  const MiB = 1024 * 1024
  for (const part of [0, 1, 2]) {
    const { child, ended } = run('backup', 'backups', 'small-01')
    const limit = (part * 12 + random.next() * 12) * MiB
    await Promise.race([until(() => copied() > limit), ended])
    child.kill('SIGKILL')
    await ended
    expect(snapshotsIn(machine)).toHaveLength(1)
  }
  const { code, output } = await run('backup', 'backups', 'small-01').ended
  expect([code, output]).toEqual([0, expect.stringMatching(/^Continuing the backup.*000001\n$/s)])
  const taken = simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task')
  expect(taken).toHaveLength(1)
  expect(snapshotsIn(machine)).toEqual([])
  expect((await run('restore', 'backups', '000001', 'images').ended).code).toBe(0)
  await fixture.compare('000001', 'images')
})

test('a process that is interrupted logs out, another one is rejected meanwhile, and its capture can be discarded', async () => {
  const { run, copied, simulator, machine } = await start()
  const { child, ended } = run('backup', 'backups', 'small-01')
  await until(() => copied() > 0)
  child.kill('SIGSTOP')
  const other = await run('backup', 'backups', 'small-01').ended
  expect([other.code, other.output]).toEqual([1, expect.stringContaining('another run uses this repository')])
  child.kill('SIGINT')
  child.kill('SIGCONT')
  const { code, output } = await ended
  expect([code, output]).toEqual([
    1,
    expect.stringContaining('interrupted; run the backup again to continue'),
  ])
  // That of the gateway.
  expect(simulator.live.sessions).toBe(1)
  expect(snapshotsIn(machine)).toHaveLength(1)
  expect(await run('discard', 'backups').ended).toEqual({ code: 0, output: '' })
  expect(snapshotsIn(machine)).toEqual([])
  expect((await run('list', 'backups').ended).output).toBe('')
  // A typing error is not a backup without damage.
  expect(await run('verify', 'backups').ended).toEqual({ code: 1, output: 'there is nothing to verify\n' })
  expect(await run('verify', 'bakcups').ended).toEqual({ code: 1, output: 'there is no folder bakcups\n' })
})

test('a backup without a disk is reported as incomplete, by each command', async () => {
  const { run, machine } = await start()
  Object.assign(machine.disks[1] as object, { mode: 'independent_persistent' })
  const { code, output } = await run('backup', 'backups', 'small-01').ended
  expect([code, output]).toEqual([3, expect.stringMatching(/000001 {2}incomplete: disks were left out\n$/)])
  for (const args of [
    ['list', 'backups'],
    ['verify', 'backups'],
    ['restore', 'backups', '000001', 'images'],
  ])
    expect(await run(...args).ended, args[0]).toEqual({
      code: 0,
      output: expect.stringMatching(/not in the backup:? .*Hard disk 2/),
    })
})

test('an option that cannot be used is rejected before anything is created', async () => {
  const { run, folder } = await start()
  const { code, output } = await run('backup', 'backups', 'small-01', '--lease-hours', '169').ended
  expect([code, output]).toEqual([
    2,
    expect.stringContaining('--lease-hours must be a whole number from 1 to 168'),
  ])
  expect(existsSync(join(folder, 'backups', 'in-progress'))).toBe(false)
})

test('a certificate with another thumbprint is rejected before the password is sent', async () => {
  const { run, env, simulator } = await start()
  env.VSPHERE_THUMBPRINT = 'AA:BB'
  const { code, output } = await run('backup', 'backups', 'small-01').ended
  expect([code, output]).toEqual([1, expect.stringContaining('has another certificate, with the thumbprint')])
  expect(simulator.calls).toEqual([])
})

test('the folders that the README creates are ignored by git, so that the formatter does not change them', () => {
  const ignored = read('.gitignore').split('\n')
  const [, target] = / restore backups \d+ (\w+)/.exec(readme) ?? []
  for (const folder of ['backups', target]) expect(ignored).toContain(`/${folder}/`)
})

test('the README has no broken links', () => {
  for (const { file } of linksOf(readme))
    if (file !== '') expect(() => read(`examples/backup/${file}`)).not.toThrow()
})
