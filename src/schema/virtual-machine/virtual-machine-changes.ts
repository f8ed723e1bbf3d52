// The subscription virtualMachineChanges and the types of its events. virtual-machine-change-stream.ts finds the changes.

import { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import { ChangeKind } from '../core/changes/change-kind.ts'
import { compileFilter } from '../core/criteria/conditions.ts'
import { encodeId } from '../core/nodes/ids.ts'
import type { TypeCost } from '../cost/cost-estimate.ts'
import { badInput } from '../errors/api-error.ts'
import {
  type VirtualMachineChange,
  type VirtualMachineChangeBatch,
  VirtualMachineChangeStream,
} from './virtual-machine-change-stream.ts'
import { virtualMachines } from './virtual-machine-connection.ts'

const batchCost: TypeCost = { pageSize: (_args, { defaultSize }) => defaultSize }

const VirtualMachineChangeBatchType = builder
  .objectRef<VirtualMachineChangeBatch>('VirtualMachineChangeBatch')
  .implement({
    extensions: { size: batchCost },
    description: 'Changes that are sent together.',
    fields: (t) => ({
      initial: t.exposeBoolean('initial', {
        nullable: false,
        description:
          'Whether the batch is part of the state at the start. The first batch that is not initial shows that the initial state is complete.',
      }),
      changes: t.field({
        type: [VirtualMachineChangeType],
        nullable: { list: false, items: false },
        description:
          'The changes, each virtual machine at most once. Empty only if no virtual machine matches at the start.',
        resolve: ({ changes }) => changes,
      }),
    }),
  })

const VirtualMachineChangeType = builder.objectRef<VirtualMachineChange>('VirtualMachineChange').implement({
  description: 'A change of one virtual machine.',
  fields: (t) => ({
    kind: t.field({
      type: ChangeKind,
      nullable: false,
      description: 'The kind of change.',
      resolve: ({ kind }) => kind,
    }),
    virtualMachineId: t.id({
      nullable: false,
      description: 'Global id of the virtual machine, even if it no longer exists.',
      resolve: (change, _args, { vcenters }) => encodeId(vcenters.of(change), change.ref),
    }),
    virtualMachine: t.field({
      type: 'VirtualMachine',
      description: 'The virtual machine after the change. Null for LEAVE.',
      resolve: ({ virtualMachine }) => virtualMachine ?? null,
    }),
  }),
})

builder.subscriptionField('virtualMachineChanges', (t) =>
  t.field({
    type: VirtualMachineChangeBatchType,
    nullable: false,
    args: {
      filter: t.arg({
        type: virtualMachines.Filter,
        description: 'Follows only virtual machines that match this filter.',
      }),
    },
    description:
      'Sends all virtual machines that match the filter in batches (`initial`), then each change of a property of the virtual machine that the selection reads. Nested objects, such as its host or the disks of its snapshots, are read again with each change, but their own changes do not cause a batch. vCenter may not report changes of file sizes (`layoutEx`) either. If vCenter is unreachable at the start, the subscription fails with VCENTER_UNAVAILABLE. After a later outage it resumes with all changes since then. A virtual machine that enters or leaves without an update from vCenter is reported within five minutes. The selection cannot contain changed areas.',
    subscribe: async (_root, { filter }, context, info) => {
      // The update stream waits for an unreachable vCenter. A new subscriber would receive nothing and conclude that nothing changes,
      // so the subscription fails at the start instead.
      const vcenter = context.vcenters.only()
      await vcenter.session.ping(context.callOptions)
      const compiled = compileFilter('VirtualMachine', filter, context, {
        newOwner: () => new PlanNode('VirtualMachine'),
      })
      if (compiled.prepare)
        throw badInput(
          'the filter of a subscription cannot have conditions on tags',
          'vCenter does not report when a tag is attached. Query virtualMachines with this filter instead.',
        )
      return new VirtualMachineChangeStream(compiled, vcenter, context, info).batches()
    },
    resolve: (batch) => batch,
  }),
)
