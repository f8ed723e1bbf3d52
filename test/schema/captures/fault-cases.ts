// The steps of captureChanges and releaseCapture, and what goes wrong at them.

import { createBlankDisk, type Disk, growDisk } from '../../../src/simulator/disk/disk.ts'
import { type Machine, notifyChange, stun } from '../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { consolidateDisks } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { TestGateway } from '../../test-gateway.ts'
import { mutate } from '../mutations/mutate.ts'
import { type CaptureFixture, removeWithout, snapshotsIn, takeWithout } from './capture-fixture.ts'
import type { CallMoment } from './interceptor.ts'

export interface Step {
  readonly name: string
  readonly at: CallMoment
  /** Whether another capture exists whose lease has ended. */
  readonly isAfterLease?: boolean
  /** Whether the snapshot of the capture exists at this step. */
  readonly hasSnapshot: boolean
  /** Whether a task of the machine is running at this step, so that no other one can be started. */
  readonly isBusy?: boolean
}

const ofCapture: readonly Step[] = [
  {
    name: 'before the check',
    at: { method: 'RetrievePropertiesEx', when: 'before' },
    hasSnapshot: false,
  },
  {
    name: 'before the removal of an expired capture',
    at: { method: 'RemoveSnapshot_Task', when: 'before' },
    isAfterLease: true,
    hasSnapshot: false,
  },
  {
    name: 'while an expired capture is removed',
    at: { method: 'RemoveSnapshot_Task', when: 'accepted' },
    isAfterLease: true,
    hasSnapshot: false,
    isBusy: true,
  },
  { name: 'before the snapshot', at: { method: 'CreateSnapshot_Task', when: 'before' }, hasSnapshot: false },
  {
    name: 'while the snapshot is taken',
    at: { method: 'CreateSnapshot_Task', when: 'accepted' },
    hasSnapshot: false,
    isBusy: true,
  },
  {
    name: 'when the response of the snapshot is lost',
    at: { method: 'CreateSnapshot_Task', when: 'lost' },
    hasSnapshot: false,
    isBusy: true,
  },
  {
    name: 'while the disks are read',
    at: {
      method: 'RetrievePropertiesEx',
      body: /<type>VirtualMachineSnapshot<.*<pathSet>config/s,
      after: 'CreateSnapshot_Task',
      when: 'before',
    },
    hasSnapshot: true,
  },
  {
    name: 'while the tokens are composed',
    at: { method: 'CreateCollectorForTasks', when: 'before' },
    hasSnapshot: true,
  },
  {
    name: 'while the areas are read',
    at: { method: 'QueryChangedDiskAreas', when: 'before' },
    hasSnapshot: true,
  },
]

const ofRelease: readonly Step[] = [
  { name: 'before the removal', at: { method: 'RemoveSnapshot_Task', when: 'before' }, hasSnapshot: true },
  {
    name: 'during the removal',
    at: { method: 'RemoveSnapshot_Task', when: 'accepted' },
    hasSnapshot: true,
    isBusy: true,
  },
  {
    name: 'when the response of the removal is lost',
    at: { method: 'RemoveSnapshot_Task', when: 'lost' },
    hasSnapshot: true,
    isBusy: true,
  },
]

export interface Fault {
  readonly name: string
  /** @returns what ends the fault; by default it ends by itself */
  readonly begin: (given: FaultTargets) => unknown
  /** @default at every step */
  readonly isPossible?: (step: Step) => boolean
  /** Whether the gateway no longer runs. */
  readonly killsGateway?: boolean
  /** Whether the vCenter has no sessions and tasks afterwards. */
  readonly isRestart?: boolean
  /** The reasons for a full copy of each disk, in the next snapshot. @default both have changes */
  readonly next?: readonly string[]
  /** Whether a capture cannot be taken until the fault ends. */
  readonly prevents?: RegExp
}

export interface FaultTargets extends Pick<CaptureFixture, 'simulator' | 'machine'> {
  readonly kill: () => void
  readonly restart: () => void
  /** Another client. */
  readonly other: TestGateway
}

const now = () => new Date()
const isOfCapture = (description: string) => description.includes('[vsphere-graphql capture]')

/** Writes, so that no two states of the machine are the same. */
export function writeSomething({ machine, simulator }: Pick<FaultTargets, 'machine' | 'simulator'>): void {
  for (const { key, capacity, history } of machine.disks) {
    const offset = (history.now.position * 5 * 65_536) % capacity
    simulator.inventory.disk(machine.ref, key).write(offset, 65_536)
  }
}

function setDisks(machine: Machine, disks: readonly Disk[]): void {
  machine.disks = disks
  // Changed disks are reopened.
  stun(machine)
  notifyChange(machine, 'config', 'layoutEx', 'storage', 'summary')
}

function blankDisk(like: Disk | undefined, key: number): Disk {
  if (!like) throw new TypeError('the machine has no disk')
  const name = like.fileName.replace(/\.vmdk$/, `-new-${key}.vmdk`)
  const uuid = `6000c290-0000-0000-0000-00000000${key}`
  return createBlankDisk({ ...like, key, uuid, seed: name, fileName: name, unitNumber: key - 2000 })
}

/** The first two are tested at every step. */
const faults: readonly Fault[] = [
  { name: 'the gateway is killed', begin: ({ kill }) => kill(), killsGateway: true },
  { name: 'the vCenter restarts', begin: ({ restart }) => restart(), isRestart: true },
  { name: 'the session ends', begin: ({ simulator }) => simulator.faults.expireSessions() },
  {
    name: 'someone else removes the snapshot',
    begin({ machine }) {
      for (const snapshot of snapshotsIn(machine))
        if (isOfCapture(snapshot.description)) removeWithout(machine, snapshot)
    },
    isPossible: ({ hasSnapshot, isAfterLease = false }) => hasSnapshot || isAfterLease,
  },
  {
    name: 'the machine is powered off',
    begin: ({ machine }) => setPower(machine, 'poweredOff', now()),
  },
  {
    name: 'the machine is powered off and on',
    begin({ machine }) {
      setPower(machine, 'poweredOff', now())
      setPower(machine, 'poweredOn', now())
    },
  },
  {
    name: 'a disk grows',
    begin({ machine }) {
      const [first] = machine.disks
      // A disk with a snapshot cannot grow.
      for (const snapshot of snapshotsIn(machine)) removeWithout(machine, snapshot)
      if (first) growDisk(first, 2 * first.capacity)
      setDisks(machine, machine.disks)
    },
    isPossible: ({ hasSnapshot, isBusy = false }) => !hasSnapshot && !isBusy,
    next: ['DISK_RESIZED', 'CHANGES'],
  },
  {
    name: 'a disk is replaced',
    begin: ({ machine, machine: { disks } }) =>
      setDisks(machine, [blankDisk(disks[0], 2000), ...disks.slice(1)]),
    next: ['DISK_REPLACED', 'CHANGES'],
  },
  {
    name: 'a disk is removed',
    begin: ({ machine }) => setDisks(machine, machine.disks.slice(0, 1)),
    next: ['CHANGES'],
  },
  {
    name: 'a disk is added',
    begin: ({ machine, machine: { disks } }) => setDisks(machine, [...disks, blankDisk(disks[0], 2002)]),
    next: ['CHANGES', 'CHANGES', 'NO_TOKEN'],
  },
  {
    name: 'tracking is reset',
    begin({ machine }) {
      for (const changeTrackingEnabled of [false, true])
        reconfigure(machine, { changeTrackingEnabled }, now())
      removeWithout(machine, takeWithout(machine, 'activation'))
    },
    next: ['CHANGE_ID_STALE', 'CHANGE_ID_STALE'],
  },
  {
    name: 'the machine is reverted',
    async begin({ other, simulator }) {
      // A server that computes wrong changes from a discarded state, without an error.
      simulator.inventory.settings.epochAfterRevert = 'unchecked'
      const { data } = await other.execute(
        '{ virtualMachine(by: { name: "lab" }) { snapshots(filter: { name: { eq: "mine" } }) { id } } }',
      )
      const [{ id: snapshot }] = data.virtualMachine.snapshots
      const { reported } = await mutate(other, 'revertToSnapshot', { snapshot }, 'task { state }')
      if (reported.length > 0) throw new Error(JSON.stringify(reported))
    },
    isPossible: ({ isBusy = false }) => !isBusy,
    next: ['CHANGE_ID_STALE', 'CHANGE_ID_STALE'],
  },
  {
    name: 'the disks cannot be merged',
    begin({ machine, simulator: { faults } }) {
      faults.taskFault('RemoveSnapshot_Task', 'FileLocked')
      for (const snapshot of snapshotsIn(machine))
        if (isOfCapture(snapshot.description)) removeWithout(machine, snapshot, false)
      return () => consolidateDisks(machine, now())
    },
    isPossible: ({ at: { method, when } }) => method === 'RemoveSnapshot_Task' && when !== 'before',
  },
  {
    name: 'the chain is too deep',
    begin({ machine }) {
      const chain = Array.from({ length: 32 }, (_, index) => takeWithout(machine, `chain ${index}`))
      return () => {
        for (const snapshot of chain.toReversed()) removeWithout(machine, snapshot)
      }
    },
    prevents: /CONFLICT|TooManySnapshotLevels/,
  },
  {
    name: 'the datastore is full',
    begin({ simulator: { faults } }) {
      const undos = ['CreateSnapshot_Task', 'RemoveSnapshot_Task'].map((name) =>
        faults.taskFault(name, 'NoDiskSpace', { times: 100 }),
      )
      return () => {
        for (const undo of undos) undo()
      }
    },
    prevents: /NoDiskSpace/,
  },
]

/** Without FAULTS=all, all faults and steps occur, but not all pairs of them. */
const isSelected = (fault: number, step: number): boolean =>
  process.env.FAULTS === 'all' || fault < 2 || (fault + step) % 2 === 0

const casesOf = (steps: readonly Step[]): { readonly step: Step; readonly fault: Fault }[] =>
  faults.flatMap((fault, ofFault) =>
    steps
      .filter((step) => fault.isPossible?.(step) ?? true)
      .filter((_, ofStep) => isSelected(ofFault, ofStep))
      .map((step) => ({ fault, step })),
  )

export const captureCases = casesOf(ofCapture)
export const releaseCases = casesOf(ofRelease)
