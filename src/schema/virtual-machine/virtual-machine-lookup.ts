// The root fields for virtual machines, and the lookup of one by id, moid, name, path or UUID.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { inventoryPage } from '../core/connections/connection.ts'
import { exactlyOne, findBy, loadSelected } from '../core/lookup.ts'
import { nameArgDescription } from '../core/root-fields.ts'
import { findAllByUuid } from '../core/search-index.ts'
import { inventoryVirtualMachines, virtualMachineArgs } from './virtual-machine-connection.ts'

export const VirtualMachineLookup = builder.inputType('VirtualMachineBy', {
  description: 'Identifies a virtual machine by exactly one of these keys.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global id.' }),
    moid: t.string({
      description: 'Managed object id, such as `vm-62`, as govc and PowerCLI show it.',
    }),
    name: t.string({ description: nameArgDescription }),
    path: t.string({
      description:
        'Inventory path, such as "/Frankfurt/vm/web/web-01", with escapes (%2f, %5c, %25) as vSphere writes them. Several objects can share it.',
    }),
    uuid: t.string({
      description: 'BIOS (SMBIOS) UUID. Several virtual machines can share it. Source: `config.uuid`.',
    }),
    instanceUuid: t.string({
      description: 'Instance UUID, unique within a vCenter. Source: `config.instanceUuid`.',
    }),
  }),
})

/**
 * Finds the reference of a virtual machine.
 *
 * @returns undefined if no virtual machine matches
 * @throws ApiError AMBIGUOUS if several virtual machines match
 */
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
    args: virtualMachineArgs(t.arg),
    description: 'All virtual machines and templates of the vCenter, page by page.',
    resolve: (_root, args, context, info) => inventoryPage(inventoryVirtualMachines, args, context, info),
  }),
  virtualMachine: t.field({
    type: 'VirtualMachine',
    args: {
      by: t.arg({
        type: VirtualMachineLookup,
        required: true,
        description: 'The virtual machine to look up.',
      }),
    },
    description:
      'Finds one virtual machine. Returns null if no object matches, and the error AMBIGUOUS with the candidates if several do.',
    resolve: async (_root, { by }, context, info) => {
      const ref = await findVirtualMachine(by, context)
      return ref ? ((await loadSelected(ref, 'VirtualMachine', context, info)) ?? null) : null
    },
  }),
}))
