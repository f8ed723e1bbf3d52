// Tests that the example backup program recognizes its virtual machine by the instance UUID, not by the name.

import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Generation } from '../../../examples/backup/storage/generation.ts'
import { notifyChange } from '../../../src/simulator/virtual-machine/machine.ts'
import { snapshotsIn } from '../../schema/captures/capture-fixture.ts'
import { addMachine } from '../../schema/changed-areas/changed-areas-fixture.ts'
import { type BackupFixture, startBackupFixture } from './backup-fixture.ts'
import { flipBit } from './flip-bit.ts'

const KiB = 1024
const disks = [{ capacity: 256 * KiB }]

async function startWithGeneration(): Promise<BackupFixture> {
  const fixture = await startBackupFixture({ disks })
  await fixture.run()
  return fixture
}

function rename({ machine }: BackupFixture, name: string): void {
  machine.name = name
  notifyChange(machine, 'name', 'config', 'summary')
}

/** Gives the name of the virtual machine to another one. */
function replaceMachine(fixture: BackupFixture): void {
  rename(fixture, 'old')
  addMachine(fixture.simulator, 'lab', { disks, changeTracking: 'active', powerState: 'poweredOn' })
}

/** Ends a run after it has taken its snapshot. */
const interrupt = (fixture: BackupFixture, options: object = {}) => {
  const beforeRead = () => {
    throw new Error('the storage failed')
  }
  fixture.write(0, 64 * KiB)
  return expect(fixture.run({ beforeRead, ...options })).rejects.toThrow('the storage failed')
}

/** Makes the generations those of an earlier version of the program. */
async function forgetIdentity({ repository }: BackupFixture): Promise<void> {
  for (const { instanceUuid: _, ...generation } of await repository.generations())
    await repository.describe(repository.pathOf(generation.id), generation as Generation)
}

describe('a virtual machine that was renamed', () => {
  test('is backed up with its new name', async () => {
    const fixture = await startWithGeneration()
    rename(fixture, 'renamed')
    await fixture.run({ machine: 'renamed' })
    expect(await fixture.bases()).toEqual({ 2000: 'CHANGES' })
    const stored = (await fixture.check()).map(({ machine, instanceUuid }) => [machine, instanceUuid])
    const { instanceUuid } = fixture.machine
    expect(stored).toEqual([
      ['lab', instanceUuid],
      ['renamed', instanceUuid],
    ])
  })

  test('has its backup continued, or its capture ended', async () => {
    const fixture = await startWithGeneration()
    await interrupt(fixture)
    rename(fixture, 'renamed')
    const { lines } = await fixture.run({ machine: 'renamed' })
    expect(lines[0]).toMatch(/^Continuing the backup/)
    await interrupt(fixture, { machine: 'renamed' })
    rename(fixture, 'renamed again')
    await fixture.discard()
    expect(snapshotsIn(fixture.machine)).toEqual([])
    expect(await fixture.check()).toHaveLength(2)
  })

  test('is backed up to the end if it is renamed meanwhile', async () => {
    const fixture = await startBackupFixture({ disks })
    await fixture.run({
      proxy(request) {
        if (request.includes('mutation BeginBackup')) rename(fixture, 'renamed')
        return undefined
      },
    })
    expect(await fixture.check()).toHaveLength(1)
    expect(snapshotsIn(fixture.machine)).toEqual([])
  })
})

describe('another virtual machine with the same name', () => {
  const message = 'this repository holds backups of lab (instance UUID '

  test('is rejected, also in full', async () => {
    const fixture = await startWithGeneration()
    replaceMachine(fixture)
    await expect(fixture.run()).rejects.toThrow(message)
    await expect(fixture.run({ isFull: true })).rejects.toThrow(message)
    expect(await fixture.repository.names()).toEqual(['000001', 'repository.json'])
  })

  test('is rejected if the last generation is damaged, so that everything would be copied', async () => {
    const fixture = await startWithGeneration()
    const { repository } = fixture
    await fixture.run()
    await flipBit(repository.pathOf('000002', 'generation.json'))
    replaceMachine(fixture)
    await expect(fixture.run()).rejects.toThrow(message)
    await rm(repository.pathOf('000002'), { recursive: true })
    expect(await fixture.check()).toHaveLength(1)
  })

  test('is rejected while a backup is in progress', async () => {
    const fixture = await startWithGeneration()
    await interrupt(fixture)
    replaceMachine(fixture)
    await expect(fixture.run()).rejects.toThrow(/^a backup of lab \(instance UUID .*\) is in progress/)
    expect(snapshotsIn(fixture.machine)).toHaveLength(1)
  })
})

test('generations of an earlier version, without instance UUID, are recognized by the name', async () => {
  const fixture = await startWithGeneration()
  await forgetIdentity(fixture)
  rename(fixture, 'renamed')
  await expect(fixture.run({ machine: 'renamed' })).rejects.toThrow('this repository holds backups of lab,')
  rename(fixture, 'lab')
  await fixture.run()
  expect(await fixture.bases()).toEqual({ 2000: 'CHANGES' })
  rename(fixture, 'renamed')
  expect((await fixture.run({ machine: 'renamed' })).id).toBe('000003')
})
