// Starts gateways for the tests of captures: one virtual machine with two disks, a vCenter whose clock can be moved, and a clock for the
// timers of the gateway that the test advances.

import { onTestFinished } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import type { MachineDescription } from '../../../src/simulator/inventory/create-machine.ts'
import { type Machine, notifyChange, type Snapshot } from '../../../src/simulator/virtual-machine/machine.ts'
import { removeSnapshots, takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { createTestClock } from '../../vapi/test-clock.ts'
import { addMachine } from '../changed-areas/changed-areas-fixture.ts'
import { mutate } from '../mutations/mutate.ts'

export const captureKey = 'a secret of more than 32 characters for the tests'

/** Short delays of the search for a snapshot whose outcome is unknown. */
const recovery = { lostResponse: [0, 20, 40], leftSnapshot: [30, 30, 60, 60] }

const MiB = 1024 * 1024

export interface CaptureFixture {
  readonly simulator: Simulator
  readonly machine: Machine
  readonly gateway: TestGateway
  /** The timers of the gateways. */
  readonly timers: ReturnType<typeof createTestClock>
  /** Starts another gateway with the same key. */
  another(options?: Parameters<typeof startGateway>[0]): TestGateway
  /** Moves the clock of the vCenter. */
  later(ms: number): void
  write(disk: number, offset: number): void
}

export async function startCaptureFixture({
  disks = [{ capacity: 4 * MiB }, { capacity: 2 * MiB }],
  clock: otherClock,
  tasks = { queuedMs: 0, durationMs: 3 },
  ...options
}: Parameters<typeof startGateway>[0] & {
  readonly disks?: MachineDescription['disks']
} = {}): Promise<CaptureFixture> {
  let offset = 0
  const clock = {
    now: () => new Date(Date.now() + offset),
    schedule: (afterMs: number, callback: () => void) => {
      const timer = setTimeout(callback, afterMs)
      return () => clearTimeout(timer)
    },
  }
  const simulator = createSimulator({
    vms: 1,
    clock: otherClock ?? clock,
    sessionIdleMs: 1_000_000_000,
    tasks,
  })
  Object.assign(simulator.inventory.settings, { guestsWrite: false, irregularWindows: 0 })
  const machine = addMachine(simulator, 'lab', {
    disks,
    changeTracking: 'active',
    powerState: 'poweredOn',
  })
  const timers = createTestClock()
  const another: CaptureFixture['another'] = (more = {}) => {
    const gateway = startGateway({
      simulator,
      captureKey,
      captureClock: timers,
      recovery,
      ...options,
      ...more,
    })
    onTestFinished(() => gateway.close())
    return gateway
  }
  const gateway = another()
  onTestFinished(() => simulator.close())
  return {
    simulator,
    machine,
    gateway,
    timers,
    another,
    later: (ms) => {
      offset += ms
    },
    write: (disk, at) => simulator.inventory.disk(machine.ref, 2000 + disk).write(at, 65_536),
  }
}

const selection = `
  task { id moid state }
  capture {
    leaseExpiresAt
    snapshot { id moid name quiesced capture { idempotencyKey leaseExpiresAt } }
    disks {
      disk { id key changeId }
      token basis fullReason
      areas { totalLength sinceChangeId nodes { start length } }
    }
    leftOut { code disk { key } }
  }`

export interface TestDisk {
  readonly disk: { readonly id: string; readonly key: number; readonly changeId: string }
  readonly token: string
  readonly basis: string
  readonly fullReason: string | null
  readonly areas: {
    readonly totalLength: number
    readonly sinceChangeId: string | null
    readonly nodes: readonly { readonly start: number; readonly length: number }[]
  }
}

export const capture = (gateway: TestGateway, more: Record<string, unknown> = {}, fields = selection) =>
  mutate(
    gateway,
    'captureChanges',
    { virtualMachine: { name: 'lab' }, idempotencyKey: 'job-1', ...more },
    fields,
  )

/** Takes a capture that must succeed. */
export async function captured(gateway: TestGateway, more: Record<string, unknown> = {}) {
  const { payload, reported } = await capture(gateway, more)
  if (reported.length > 0) throw new Error(JSON.stringify(reported))
  return {
    ...(payload.capture as {
      leaseExpiresAt: string
      snapshot: { id: string; moid: string; name: string; capture: Record<string, string> | null }
      disks: readonly TestDisk[]
      leftOut: readonly { code: string; disk: { key: number } | null }[]
    }),
    task: payload.task as { id: string; moid: string; state: string } | null,
  }
}

export const release = (gateway: TestGateway, snapshot: string) =>
  mutate(
    gateway,
    'releaseCapture',
    { snapshot },
    'task { state } virtualMachine { name consolidationNeeded }',
  )

export const tokensOf = ({ disks }: { readonly disks: readonly TestDisk[] }): string[] =>
  disks.map(({ token }) => token)

export const bases = ({ disks }: { readonly disks: readonly TestDisk[] }) =>
  disks.map(({ basis, fullReason }) => fullReason ?? basis)

/** All snapshots of a machine. */
export function snapshotsIn({ rootSnapshots }: Machine): Snapshot[] {
  const all = (snapshots: readonly Snapshot[]): Snapshot[] =>
    snapshots.flatMap((each) => [each, ...all(each.children)])
  return all(rootSnapshots)
}

/** Changes the description of a snapshot, as another client would. */
export function describe(machine: Machine, snapshot: Snapshot | undefined, description: string): void {
  if (!snapshot) throw new TypeError('there is no snapshot')
  snapshot.description = description
  notifyChange(machine, 'snapshot')
}

/** Takes a snapshot without a gateway. */
export const takeWithout = (machine: Machine, name: string, description = ''): Snapshot =>
  takeSnapshot(machine, {
    name,
    description,
    memory: false,
    quiesced: false,
    at: machine.context.objects.clock.now(),
  })

/** Removes a snapshot without a gateway. */
export const removeWithout = (machine: Machine, snapshot: Snapshot, consolidate = true): void =>
  void removeSnapshots(machine, snapshot, {
    withChildren: false,
    consolidate,
    at: machine.context.objects.clock.now(),
  })
