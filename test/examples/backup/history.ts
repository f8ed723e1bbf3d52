// A random history of backups: a disk that is written, grown, replaced, added, removed or reverted between the generations, and runs that
// are killed and disturbed at random operations. After each run, everything that is listed is compared with the disks.

import { expect } from 'vitest'
import { createRandom, type Random } from '../../../src/simulator/random.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { removeWithout, snapshotsIn, takeWithout } from '../../schema/captures/capture-fixture.ts'
import type { BackupFixture } from './backup-fixture.ts'
import { addDisk, growDisk, removeDisk, resetTracking, revertLab } from './disk-changes.ts'

/** About the number of operations of a run, so that about half of the kills hit it. */
const operationsOfARun = 150

export async function runHistory(fixture: BackupFixture, seed: string, generations: number): Promise<void> {
  const random = createRandom('backup', seed)
  for (let number = 1; number <= generations; number += 1) {
    await change(fixture, random)
    await backUpDespiteAll(fixture, random)
    expect(await fixture.check()).not.toEqual([])
    removeOtherSnapshots(fixture)
    const left = snapshotsIn(fixture.machine).map(({ name }) => name)
    expect(left, 'no snapshot is left after the last release').toEqual([])
  }
}

/** Runs the program until it has made a generation. */
async function backUpDespiteAll(fixture: BackupFixture, random: Random): Promise<void> {
  let failure: unknown
  for (let attempt = 1; ; attempt += 1) {
    if (attempt === 30) throw new Error('the program makes no progress', { cause: failure })
    const calm = attempt > 10
    const killAt = calm || random.integer(3) === 0 ? undefined : 1 + random.integer(operationsOfARun)
    const meanwhile = new Map<number, () => unknown>()
    for (let count = calm ? 0 : random.integer(3); count > 0; count -= 1)
      meanwhile.set(1 + random.integer(operationsOfARun), disturbance(fixture, random))
    failure = await fixture
      .run({
        random,
        meanwhile,
        powerFailure: random.integer(2) === 0,
        ...(killAt !== undefined && { killAt }),
        ...(random.integer(2) === 0 && { keep: 1 + random.integer(3) }),
      })
      .then(
        ({ id }) => (id === undefined ? 'killed' : undefined),
        (error: Error) => error,
      )
    await fixture.check()
    if (failure === undefined) return
    removeOtherSnapshots(fixture)
    // Later than the lease, so that the next run finds the capture expired.
    if (random.integer(8) === 0) fixture.later(2 * 3_600_000)
    write(fixture, random)
  }
}

function write({ machine, simulator }: BackupFixture, random: Random): void {
  for (let count = random.integer(5); count > 0; count -= 1) {
    const disk = machine.disks[random.integer(machine.disks.length)]
    if (!disk) return
    const offset = random.integer(disk.capacity)
    const length = Math.min(disk.capacity - offset, 1 + random.integer(100_000))
    simulator.inventory.disk(machine.ref, disk.key).write(offset, length)
  }
}

/** What happens between two backups. */
async function change(fixture: BackupFixture, random: Random): Promise<void> {
  const { machine } = fixture
  const any = () => random.integer(machine.disks.length)
  write(fixture, random)
  switch (random.integer(12)) {
    case 0:
      return growDisk(machine, any(), random)
    case 1:
      removeDisk(machine, any())
      return addDisk(machine, random)
    case 2:
      return machine.disks.length < 5 ? addDisk(machine, random) : removeDisk(machine, any())
    case 3:
      return resetTracking(fixture)
    case 4:
      await revertLab(fixture, () => write(fixture, random))
      return
    case 5:
      return fixture.restartGateway()
  }
}

/** What happens during a backup. */
function disturbance(fixture: BackupFixture, random: Random): () => unknown {
  const { machine, simulator } = fixture
  const actions = [
    () => write(fixture, random),
    () => simulator.faults.expireSessions(),
    () => fixture.restartGateway(),
    () => simulator.faults.unavailable(),
    // Another client removes the snapshot of the capture.
    () => {
      const [snapshot] = snapshotsIn(machine)
      if (snapshot) removeWithout(machine, snapshot)
    },
    // It takes one of its own before, so that the base file is still served, with newer data.
    () => {
      const [snapshot] = snapshotsIn(machine)
      if (!snapshot) return
      write(fixture, random)
      takeWithout(machine, 'other')
      removeWithout(machine, snapshot)
    },
    // It powers the machine off before, so that the base file is still served.
    () => {
      const [snapshot] = snapshotsIn(machine)
      if (!snapshot) return
      write(fixture, random)
      setPower(machine, 'poweredOff', new Date())
      removeWithout(machine, snapshot)
    },
  ] as const
  return actions[random.integer(actions.length)] as () => unknown
}

function removeOtherSnapshots({ machine }: BackupFixture): void {
  for (const snapshot of snapshotsIn(machine)) if (snapshot.name === 'other') removeWithout(machine, snapshot)
}
