// Tests that the example backup program finds each kind of damage, and restores nothing that is damaged.

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  formatGeneration,
  type Generation,
  parseGeneration,
  refOf,
  type StoredDisk,
} from '../../../examples/backup/storage/generation.ts'
import { restore } from '../../../examples/backup/storage/restore.ts'
import { keepNewest } from '../../../examples/backup/storage/retention.ts'
import { problemOf, verify } from '../../../examples/backup/storage/verify.ts'
import { snapshotsIn } from '../../schema/captures/capture-fixture.ts'
import { startBackupFixture, startWithGenerations } from './backup-fixture.ts'
import { flipBit } from './flip-bit.ts'

const KiB = 1024

const fail = () => {
  throw new Error('the storage failed')
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
      'disk 2000 of generation 000002 is based on generation 000001, which is missing, damaged or another one',
      'disk 2001 of generation 000002 is based on generation 000001, which is missing, damaged or another one',
    ])
  })

  test.each(['generation.json', '2000.index'])(
    'of %s of the last generation makes the next backup a full one of what it affects',
    async (name) => {
      const fixture = await startWithGenerations()
      const { repository } = fixture
      await flipBit(repository.pathOf('000002', name))
      const { id, lines } = await fixture.run()
      expect(id).toBe('000003')
      expect(lines.join('\n')).toMatch(/000002.* is damaged, so .*(everything is|is) copied/)
      const made = (await repository.scan()).generations.at(-1)
      const full = name === 'generation.json' ? 'FULL' : 'CHANGES'
      expect(made?.disks.map(({ basis }) => basis)).toEqual(['FULL', full])
      await rm(repository.pathOf('000002'), { recursive: true })
      if (full === 'FULL') expect(await fixture.check()).toHaveLength(2)
    },
  )

  test('is replaced by a full backup on request, also if a backup of changes is in progress', async () => {
    const fixture = await startWithGenerations()
    const { repository, machine } = fixture
    fixture.write(0, 0)
    await expect(fixture.run({ beforeRead: fail })).rejects.toThrow('the storage failed')
    await flipBit(repository.pathOf('000001', '2000.data'))
    const { lines } = await fixture.run({ isFull: true })
    expect(lines.join('\n')).toMatch(/is discarded: it has only changes/)
    expect(snapshotsIn(machine)).toEqual([])
    const { generations } = await repository.scan()
    expect(generations.at(-1)?.disks.map(({ basis }) => basis)).toEqual(['FULL', 'FULL'])
    for (const id of generations.slice(0, -1).map((each) => each.id))
      await rm(repository.pathOf(id), { recursive: true })
    expect(await fixture.check()).toHaveLength(1)
  })
})

describe('a generation that was moved away', () => {
  test('is not the base of a later one with its number', async () => {
    const fixture = await startBackupFixture({ disks: [{ capacity: 300 * KiB }] })
    const { repository, write } = fixture
    const away = repository.pathOf('..', 'away')
    for (const offset of [0, 64 * KiB, 128 * KiB]) {
      write(0, offset)
      await fixture.run()
    }
    await mkdir(away)
    for (const id of ['000002', '000003']) await rename(repository.pathOf(id), join(away, id))
    write(0, 192 * KiB)
    const { id } = await fixture.run()
    expect(id).toBe('000004')
    // As if the number were used again, by a copy of the repository.
    await rm(repository.pathOf('repository.json'))
    await rename(repository.pathOf('000004'), join(away, '000004'))
    expect((await fixture.run()).id).toBe('000002')
    await rename(join(away, '000003'), repository.pathOf('000003'))
    const message =
      'disk 2000 of generation 000003 is based on generation 000002, which is missing, damaged or another one'
    await expect(restore(repository, '000003', repository.pathOf('..', 'restored'))).rejects.toThrow(message)
    expect((await verify(repository)).problems).toEqual([message])
    const generations = await repository.generations()
    expect(problemOf(repository, generations, generations.at(-1) as Generation)).toBe(message)
    await expect(keepNewest(repository, 1)).rejects.toThrow(message)
    // The next backup needs nothing of it.
    const { lines } = await fixture.run()
    expect(lines.join('\n')).toContain(`${message}, so Hard disk 1 is copied in full.`)
    expect(await fixture.bases().catch(() => 'not restored')).toBe('not restored')
    await rm(repository.pathOf('000003'), { recursive: true })
    expect(await fixture.bases()).toEqual({ 2000: 'NO_TOKEN' })
  })

  test('discards the backup in progress that has its tokens', async () => {
    const fixture = await startWithGenerations()
    const { repository, machine } = fixture
    fixture.write(0, 128 * KiB)
    await expect(fixture.run({ beforeRead: fail })).rejects.toThrow('the storage failed')
    await rename(repository.pathOf('000002'), repository.pathOf('..', 'away'))
    const { id, lines } = await fixture.run()
    expect(lines.join('\n')).toContain('generation 000002 is no longer the last undamaged one')
    expect(id).toBe('000003')
    const generations = await fixture.check()
    expect(generations.map((each) => each.previous?.id ?? null)).toEqual([null, '000001'])
    expect(snapshotsIn(machine)).toEqual([])
  })

  test('prevents the commit of a copy that is based on it', async () => {
    const fixture = await startWithGenerations()
    const { repository } = fixture
    fixture.write(0, 128 * KiB)
    const moving = fixture.run({
      beforeRead: () => rename(repository.pathOf('000002'), repository.pathOf('..', 'away')).catch(() => {}),
    })
    await expect(moving).rejects.toThrow('generation 000002 is no longer the last undamaged one')
    await fixture.run()
    expect(await fixture.check()).toHaveLength(2)
  })

  test('is no base if it has a later number, or another disk', async () => {
    const { repository } = await startWithGenerations()
    const [first, second] = (await repository.generations()) as [Generation, Generation]
    const otherDisk = first.disks.map((disk) => ({ ...disk, uuid: 'other' }))
    for (const [generations, message] of [
      [[first, { ...second, previous: refOf(second) }], 'based on'],
      [[{ ...first, previous: refOf(second), disks: second.disks }, second], 'based on'],
      [[{ ...first, disks: otherDisk }, second], 'is another disk'],
    ] as const)
      expect(() => repository.chainOf(generations, '000002', 2000)).toThrow(message)
  })

  test('is not the base of what is committed', async () => {
    const { repository } = await startWithGenerations()
    const [, second] = (await repository.generations()) as [Generation, Generation]
    const { id: _, ...content } = {
      ...second,
      uuid: randomUUID(),
      previous: { id: '000001', uuid: randomUUID() },
    }
    await expect(repository.commit(content)).rejects.toThrow('is based on generation 000001')
    expect(await repository.names()).not.toContain('000003')
  })
})

describe('a description with a valid checksum', () => {
  const edit = (generation: Generation, changes: object): string =>
    formatGeneration({ ...generation, ...changes })
  const editDisk = (generation: Generation, changes: object): string =>
    edit(generation, { disks: generation.disks.map((disk) => ({ ...disk, ...changes })) })

  test.each<[string, (generation: Generation) => string]>([
    ['a file outside its folder', (each) => editDisk(each, { name: '../../2000' })],
    ['a key that is a path', (each) => editDisk(each, { key: '../../2000', name: '../../2000' })],
    ['the files of another disk', (each) => editDisk(each, { name: '2001' })],
    ['a negative size', (each) => editDisk(each, { capacity: -1 })],
    ['a fraction of a byte', (each) => editDisk(each, { bytes: 0.5 })],
    ['a key twice', (each) => edit(each, { disks: [each.disks[0], each.disks[0]] })],
    ['another number', (each) => edit(each, { id: '000009' })],
    ['a path as previous generation', (each) => edit(each, { previous: { id: '../1', uuid: each.uuid } })],
    ['an instance UUID that is none', (each) => edit(each, { instanceUuid: 7 as unknown as string })],
    ['no list of disks', (each) => edit(each, { disks: {} })],
    ['no list of what was left out', (each) => edit(each, { leftOut: undefined })],
  ])('is damaged if it has %s', async (_title, change) => {
    const generation: Generation = {
      id: '000001',
      uuid: randomUUID(),
      startedAt: '',
      machine: 'lab',
      previous: null,
      snapshot: 's',
      leftOut: [],
      disks: [
        {
          key: 2000,
          label: 'a',
          uuid: null,
          capacity: 512,
          token: 't',
          basis: 'FULL',
          fullReason: 'NO_TOKEN',
          name: '2000',
          bytes: 0,
          sha256: '0'.repeat(64),
        },
      ],
    }
    expect(parseGeneration('000001', formatGeneration(generation))).toEqual(generation)
    expect(parseGeneration('000001', change(generation))).toBeUndefined()
  })

  test('is damaged if its index has other bytes than it says, or bytes beyond the end of the disk', async () => {
    const { repository } = await startWithGenerations()
    const [generation] = (await repository.generations()) as [Generation]
    const [disk] = generation.disks as [StoredDisk]
    const index = await repository.index({ id: '000001', disk })
    expect(index.length).toBeGreaterThan(0)
    for (const changes of [{ bytes: disk.bytes - 1 }, { capacity: 1 }])
      await expect(repository.index({ id: '000001', disk: { ...disk, ...changes } })).rejects.toThrow(
        '2000.index is damaged',
      )
  })
})

test.each([
  ['another program has formatted repository.json', '{\n  "lastId": "000007"\n}\n', '000008'],
  ['repository.json is damaged', '{"lastId":"00', '000003'],
  ['repository.json has no number', '{"lastId":"7"}', '000003'],
])('a number is given once, also if %s', async (_title, text, next) => {
  const { repository, run } = await startWithGenerations()
  await writeFile(repository.pathOf('repository.json'), text)
  expect((await run()).id).toBe(next)
})

test('an unknown file in the folder of a generation is kept', async () => {
  const { repository } = await startWithGenerations()
  for (const name of ['notes.txt', '2000-full.data', '2009.data'])
    await writeFile(repository.pathOf('000001', name), '')
  await mkdir(repository.pathOf('removed-by-me'))
  await repository.sweep()
  const names = await readdir(repository.pathOf('000001'))
  expect(names).toContain('notes.txt')
  expect(names.filter((name) => /full|2009/.test(name))).toEqual([])
  expect(await repository.names()).toContain('removed-by-me')
})

describe('a restore', () => {
  test('that fails leaves nothing behind, and can be repeated', async () => {
    const { repository } = await startWithGenerations()
    const target = repository.pathOf('..', 'restored')
    const data = repository.pathOf('000001', '2001.data')
    await flipBit(data)
    await expect(restore(repository, '000002', target)).rejects.toThrow('damaged')
    expect(await readdir(target)).toEqual([])
    await flipBit(data)
    await restore(repository, '000002', target)
    expect(await readdir(target)).toEqual(['2000.img', '2001.img'])
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
