// Snapshot.capture: the lease of a snapshot that captureChanges took.

import { builder } from '../builder.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { virtualMachineNode } from '../virtual-machine/disks/virtual-disk.ts'
import type { CaptureMarker } from './capture-marker.ts'
import { heldCaptures, planHeldCaptures } from './held-captures.ts'

const SnapshotCapture = builder.objectRef<CaptureMarker>('SnapshotCapture').implement({
  description: 'The lease of a snapshot that captureChanges took.',
  fields: (t) => ({
    leaseExpiresAt: t.field({
      type: 'DateTime',
      nullable: false,
      description:
        'When the gateway removes the snapshot if it was not released before, by the clock of the vCenter. Source: `description`.',
      resolve: ({ expiresAt }) => new Date(expiresAt),
    }),
    idempotencyKey: t.string({
      nullable: false,
      description: 'The key of the request that took it. Source: `description`.',
      resolve: ({ key }) => key,
    }),
  }),
})

builder.objectField('Snapshot', 'capture', (t) =>
  t.field({
    derives: { nothing: 'its signature is checked by the gateway only' },
    ...requires((position) => {
      planHeldCaptures(virtualMachineNode(nodeAt(position)))
      return undefined
    }),
    type: SnapshotCapture,
    description:
      'Set if captureChanges took the snapshot. Null for other snapshots, and if the description was changed, or was signed with a key that this gateway does not have. Source: `description`.',
    resolve: ({ vm, tree }, _args, { vcenters }) =>
      heldCaptures(vm, vcenters.of(vm)).find(
        ({ snapshot }) => snapshot.tree.snapshot.value === tree.snapshot.value,
      )?.marker ?? null,
  }),
)
