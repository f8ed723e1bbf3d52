// Datacenter: the type, its connection, and the ways to find one.

import type { WindowArgs } from '../plan/page.ts'
import { builder } from './builder.ts'
import { type ConnectionDeclaration, connectionField, connectionTypes, inventoryPage } from './connection.ts'
import type { Context } from './context.ts'
import { globMatcher } from './glob.ts'
import { globalId, itsName, itsPath, itsVCenter, moid } from './identity-fields.ts'
import { decodeId } from './ids.ts'
import { everyRef, findByInventoryPath, namesakes, selected, theOnly } from './lookup.ts'
import { shownName } from './names.ts'
import { virtualMachineArgs, virtualMachinesOfDatacenter } from './virtual-machine-connection.ts'
import { windowArgs } from './window-args.ts'

builder.objectType('Datacenter', {
  description:
    'A datacenter: the root of folders of virtual machines, hosts, datastores and networks. vim25: Datacenter.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id(globalId),
    moid: t.string(moid('datacenter-2')),
    name: t.string(itsName),
    path: t.string(itsPath('/Frankfurt')),
    vcenter: t.field(itsVCenter),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesOfDatacenter),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines in it, in folders and vApps at any depth: vmFolder, childEntity.',
    }),
  }),
})

connectionTypes('Datacenter', 'datacenter')

const DatacenterFilter = builder.inputType('DatacenterFilter', {
  description: 'Which datacenters belong in a connection: those that fit all that is given.',
  fields: (t) => ({
    name: t.string({
      description: 'A glob on the name as it is shown: *, ?, [a-z], [!a-z], \\ escapes; case matters.',
    }),
  }),
})

const DatacenterBy = builder.inputType('DatacenterBy', {
  description: 'One way to find a datacenter.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its global id.' }),
    name: t.string({ description: 'Its name, exactly as it is shown.' }),
    path: t.string({
      description: 'Its inventory path, such as "/Frankfurt". Escapes as vSphere writes them.',
    }),
  }),
})

const inventoryDatacenters: ConnectionDeclaration<
  WindowArgs & { filter?: typeof DatacenterFilter.$inferInput | null | undefined }
> = {
  type: 'Datacenter',
  collection: { name: 'datacenters', type: 'Datacenter' },
  order: () => ({ name: 'Datacenter NAME ASC', descending: false, reads: ['name'], key: shownName }),
  filter: ({ filter }) => {
    const name = filter?.name
    if (name == null) return { plan: () => {}, matches: () => true }
    const fits = globMatcher(name)
    return { plan: (node) => node.read('name'), matches: (datacenter) => fits(shownName(datacenter)) }
  },
}

builder.queryFields((t) => ({
  datacenters: t.field({
    type: 'DatacenterConnection',
    nullable: false,
    args: {
      ...windowArgs(t.arg),
      filter: t.arg({ type: DatacenterFilter, description: 'Only those that fit.' }),
    },
    description: 'The datacenters of the vCenter, by name.',
    resolve: (_root, args, context, info) => inventoryPage(inventoryDatacenters, args, context, info),
  }),
  datacenter: t.field({
    type: 'Datacenter',
    args: { by: t.arg({ type: DatacenterBy, description: 'Which; not needed where there is only one.' }) },
    description:
      'One datacenter. Without an argument the only one that there is. Null when there is none; AMBIGUOUS when there are several.',
    resolve: async (_root, { by }, context, info) => {
      await context.vcenter.session.loggedIn(context.scope)
      const ref = await findDatacenter(by ?? {}, context)
      return ref ? ((await selected(ref, 'Datacenter', context, info)) ?? null) : null
    },
  }),
}))

async function findDatacenter(
  { id, name, path }: { id?: string | null; name?: string | null; path?: string | null },
  context: Context,
) {
  if (id != null) return decodeId(context, id, ['Datacenter']).ref
  if (path != null) return findByInventoryPath(path, 'Datacenter', context)
  if (name != null)
    return theOnly(await namesakes('Datacenter', name, context), `the name ${JSON.stringify(name)}`, context)
  return theOnly(await everyRef('Datacenter', context), 'a datacenter without an argument', context)
}
