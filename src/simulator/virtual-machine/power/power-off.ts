// Powers a machine off. Its configuration can make that discard what was written since its current snapshot, without a task for it.

import type { Machine } from '../machine.ts'
import { revertToSnapshot } from '../snapshots/snapshots.ts'
import { setPower } from './power-state.ts'

export function powerOffMachine(machine: Machine, at: Date): void {
  setPower(machine, 'poweredOff', at)
  const { settings, currentSnapshot } = machine
  const isReverted =
    settings.flags.snapshotPowerOffBehavior === 'revert' ||
    settings.options.get('snapshot.action') === 'autoRevert'
  if (isReverted && currentSnapshot) revertToSnapshot(machine, currentSnapshot, { powerOn: false, at })
}
