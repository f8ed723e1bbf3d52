// VirtualMachineLookup: the ways to find a virtual machine, and the root fields that take them.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { inventoryPage } from '../core/connection.ts'
import { exactlyOne, findBy, loadSelected } from '../core/lookup.ts'
import { nameArgDescription } from '../core/root-fields.ts'
import { findAllByUuid } from '../core/search-index.ts'
import { inventoryVirtualMachines, virtualMachineArgs } from './virtual-machine-connection.ts'

export const VirtualMachineLookup = builder.inputType('VirtualMachineBy', {
  description: 'One way to find a virtual machine.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its global id.' }),
    moid: t.string({ description: 'Its managed object id, such as vm-62, as govc and PowerCLI tell it.' }),
    name: t.string({ description: nameArgDescription }),
    path: t.string({
      description:
        'Its inventory path, such as "/Frankfurt/vm/web/web-01". Several may share it. Escapes as vSphere writes them.',
    }),
    uuid: t.string({ description: 'Its BIOS uuid: config.uuid. Several may share it.' }),
    instanceUuid: t.string({ description: 'Its instance uuid: config.instanceUuid.' }),
  }),
})

/** Finds a virtual machine's reference; undefined when nothing fits. AMBIGUOUS when several do. */
export async function findVirtualMachine(
  by: typeof VirtualMachineLookup.$inferInput,
  context: Context,
): Promise<ManagedObjectReference | undefined> {
  const { uuid, instanceUuid } = by
  if (uuid != null)
    return exactlyOne(await findAllByUuid(uuid, false, context), `the uuid ${JSON.stringify(uuid)}`, context)
  if (instanceUuid != null)
    return exactlyOne(
      await findAllByUuid(instanceUuid, true, context),
      `the instance uuid ${JSON.stringify(instanceUuid)}`,
      context,
    )
  return findBy(by, 'VirtualMachine', context)
}

builder.queryFields((t) => ({
  virtualMachines: t.field({
    type: 'VirtualMachineConnection',
    nullable: false,
    args: virtualMachineArgs(t.arg),
    description: 'The virtual machines and templates of the vCenter.',
    resolve: (_root, args, context, info) => inventoryPage(inventoryVirtualMachines, args, context, info),
  }),
  virtualMachine: t.field({
    type: 'VirtualMachine',
    args: { by: t.arg({ type: VirtualMachineLookup, required: true, description: 'Which.' }) },
    description:
      'One virtual machine; null when nothing fits, AMBIGUOUS (with the candidates) when several do.',
    resolve: async (_root, { by }, context, info) => {
      const ref = await findVirtualMachine(by, context)
      return ref ? ((await loadSelected(ref, 'VirtualMachine', context, info)) ?? null) : null
    },
  }),
}))
