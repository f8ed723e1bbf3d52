// Tests that the example backup program finds each kind of damage, and restores nothing that is damaged; and its lock.

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Gateway } from '../../../examples/backup/gateway.ts'
import { createSend } from '../../../examples/backup/http.ts'
import { parseMap } from '../../../examples/backup/map.ts'
import { withLock } from '../../../examples/backup/storage/lock.ts'
import { restore, verify } from '../../../examples/backup/storage/restore.ts'
import { keepNewest } from '../../../examples/backup/storage/retention.ts'
import { type BackupFixture, startBackupFixture } from './backup-fixture.ts'

const KiB = 1024

/** Two generations of two disks. */
async function startWithGenerations(): Promise<BackupFixture> {
  const fixture = await startBackupFixture({ disks: [{ capacity: 200 * KiB }, { capacity: 100 * KiB }] })
  await fixture.run()
  fixture.write(0, 64 * KiB)
  await fixture.run()
  return fixture
}

/** Flips one bit in the middle of a file. */
async function flipBit(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const { size } = await file.stat()
  const byte = Buffer.alloc(1)
  const at = Math.floor(size / 2)
  await file.read(byte, 0, 1, at)
  byte[0] = (byte[0] as number) ^ 4
  await file.write(byte, 0, 1, at)
  await file.close()
}

describe('damage', () => {
  test.each(['2000.data', '2000.index', 'generation.json'])(
    'of one bit in %s is found, and neither restored nor merged',
    async (name) => {
      const { repository } = await startWithGenerations()
      expect((await verify(repository)).problems).toEqual([])
      await flipBit(repository.pathOf('000001', name))
      const { problems } = await verify(repository)
      expect(problems.length).toBeGreaterThan(0)
      expect(problems[0]).toContain('000001')
      for (const id of ['000001', '000002']) {
        const target = repository.pathOf('..', `restored-${id}`)
        await expect(restore(repository, id, target)).rejects.toThrow(/damaged|missing/)
        expect(existsSync(join(target, '2000.img'))).toBe(false)
      }
      await expect(keepNewest(repository, 1)).rejects.toThrow(/damaged/)
      expect(existsSync(repository.pathOf('000001'))).toBe(true)
    },
  )

  test('is found if a file is too short or missing, or a generation is', async () => {
    const { repository } = await startWithGenerations()
    const data = repository.pathOf('000001', '2001.data')
    const file = await open(data, 'r+')
    await file.truncate((await stat(data)).size - 1)
    await file.close()
    expect((await verify(repository)).problems).toEqual([expect.stringContaining('ends too early')])
    await rm(data)
    expect((await verify(repository)).problems).toEqual([expect.stringContaining('2001.data')])
    await rm(repository.pathOf('000001'), { recursive: true })
    expect((await verify(repository)).problems).toEqual([
      'disk 2000 is missing in generation 000001',
      'disk 2001 is missing in generation 000001',
    ])
  })

  test('stops the next backup if the tokens would be based on it', async () => {
    const fixture = await startWithGenerations()
    await flipBit(fixture.repository.pathOf('000002', 'generation.json'))
    fixture.simulator.calls.length = 0
    await expect(fixture.run()).rejects.toThrow('generation 000002 is damaged: move its folder away')
    expect(fixture.simulator.calls.map(({ method }) => method)).not.toContain('CreateSnapshot_Task')
    await rm(fixture.repository.pathOf('000002'), { recursive: true })
    await fixture.run()
    expect(await fixture.bases()).toEqual({ 2000: 'CHANGES', 2001: 'CHANGES' })
  })
})

test('an image is not replaced', async () => {
  const { repository } = await startWithGenerations()
  const target = repository.pathOf('..', 'restored')
  await mkdir(target)
  await writeFile(join(target, '2001.img'), 'precious')
  await expect(restore(repository, '000002', target)).rejects.toThrow('2001.img exists')
  expect(await readdir(target)).toEqual(['2001.img'])
})

describe('a map', () => {
  const lines = [
    '{"type":"start","capacity":300,"changeId":"b","sinceChangeId":"a"}',
    '{"start":0,"length":100}',
    '{"start":200,"length":100}',
    '{"type":"end","areas":2,"bytes":200,"capacity":300,"changeId":"b"}',
  ]
  const text = lines.map((line) => `${line}\n`).join('')

  test('has areas, and is one of changes or of everything', () => {
    const areas = [
      { start: 0, length: 100 },
      { start: 200, length: 100 },
    ]
    expect(parseMap(text)).toEqual({ areas, capacity: 300, isFull: false })
    expect(parseMap(text.replace('"a"', 'null')).isFull).toBe(true)
  })

  test('is an error wherever it is cut off', () => {
    for (let length = 0; length < text.length; length += 1)
      expect(() => parseMap(text.slice(0, length)), text.slice(0, length)).toThrow()
  })

  test.each([
    ['a missing area', lines.toSpliced(1, 1), 'incomplete'],
    ['areas in another order', [lines[0], lines[2], lines[1], lines[3]], 'overlap'],
    ['an area beyond the end', lines.map((line) => line?.replace('"start":200', '"start":201')), 'beyond'],
  ])('is an error with %s', (_title, changed, message) => {
    expect(() => parseMap(changed.map((line) => `${line}\n`).join(''))).toThrow(message)
  })
})

test('a map whose connection breaks is an error, after further attempts', async () => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    response.write('{"type":"start","capacity":300,"changeId":"b","sinceChangeId":"a"}\n')
    response.write('{"start":0,"length":100}\n', () => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/graphql`
  const gateway = new Gateway(url, createSend(), undefined, { delays: [0, 0] })
  await expect(gateway.map('/areas?disk=x')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(requests).toBe(3)
})

describe('the lock', () => {
  const lockOf = (pid: number, host = hostname()) =>
    `lock-${pid}-00000000-0000-0000-0000-000000000000-${encodeURIComponent(host)}`

  test('is released at the end, also of a run that fails', async () => {
    const { repository } = await startBackupFixture()
    await expect(withLock(repository, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await withLock(repository, () => repository.names())).toHaveLength(1)
    expect(await repository.names()).toEqual([])
  })

  test.each([
    ['of a process that runs', lockOf(process.ppid)],
    ['of another computer', lockOf(1, 'other/host')],
    ['that cannot be read', 'lock-x'],
  ])('%s rejects a run, which changes nothing', async (_title, name) => {
    const { repository } = await startBackupFixture()
    await writeFile(repository.pathOf(name), '')
    await expect(withLock(repository, async () => {})).rejects.toThrow('another run uses this repository')
    expect(await repository.names()).toEqual([name])
  })

  test('of a process that has ended is removed', async () => {
    const { repository } = await startBackupFixture()
    // Larger than any process id.
    await writeFile(repository.pathOf(lockOf(2 ** 30)), '')
    await withLock(repository, async () => {})
    expect(await repository.names()).toEqual([])
  })
})
