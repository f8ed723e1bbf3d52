// Datacenter: the type, its connection, and the ways to find one.

import {
  datacenterComputeResources,
  datacenterDatastoreFolder,
  datacenterDatastores,
  datacenterHostFolder,
  datacenterHosts,
  datacenterNetworkFolder,
  datacenterNetworks,
  datacenterVirtualMachines,
  datacenterVmFolder,
} from '../../planner/edges.ts'
import { builder } from '../builder.ts'
import { computeResources } from './compute-resource.ts'
import { connectionField } from '../core/connection.ts'
import { datastores } from './datastore.ts'
import { reference } from '../core/field-requirements.ts'
import { hosts } from './host-system.ts'
import { everyRef, findBy, selected, theOnly } from '../core/lookup.ts'
import { itsFolder, itsName } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { networks } from './network.ts'
import { byIdNameOrPath, connectionRootField } from '../core/root-fields.ts'
import { virtualMachineArgs, virtualMachinesAlong } from '../virtual-machine/virtual-machine-connection.ts'

builder.objectType('Datacenter', {
  description:
    'A datacenter: the root of folders of virtual machines, hosts, datastores and networks. vim25: Datacenter.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    name: t.string(itsName),
    folder: t.field(itsFolder),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesAlong(datacenterVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines in it, in folders and vApps at any depth: vmFolder, childEntity.',
    }),
    computeResources: t.field({
      ...connectionField(computeResources.along(datacenterComputeResources)),
      type: 'ComputeResourceConnection',
      args: computeResources.args(t.arg),
      description: 'Its clusters and standalone hosts, in folders at any depth: hostFolder, childEntity.',
    }),
    hosts: t.field({
      ...connectionField(hosts.along(datacenterHosts)),
      type: 'HostSystemConnection',
      args: hosts.args(t.arg),
      description: 'The hosts in it, in clusters or alone: hostFolder, childEntity, host.',
    }),
    datastores: t.field({
      ...connectionField(datastores.along(datacenterDatastores)),
      type: 'DatastoreConnection',
      args: datastores.args(t.arg),
      description:
        'The datastores in it, in folders and datastore clusters at any depth: datastoreFolder, childEntity.',
    }),
    networks: t.field({
      ...connectionField(networks.along(datacenterNetworks)),
      type: 'NetworkConnection',
      args: networks.args(t.arg),
      description: 'The networks in it, in folders at any depth: networkFolder, childEntity.',
    }),
    vmFolder: t.field({
      type: 'Folder',
      description: 'The root of its folders of virtual machines: vmFolder.',
      ...reference(datacenterVmFolder),
    }),
    hostFolder: t.field({
      type: 'Folder',
      description: 'The root of its folders of hosts and clusters: hostFolder.',
      ...reference(datacenterHostFolder),
    }),
    datastoreFolder: t.field({
      type: 'Folder',
      description: 'The root of its folders of datastores: datastoreFolder.',
      ...reference(datacenterDatastoreFolder),
    }),
    networkFolder: t.field({
      type: 'Folder',
      description: 'The root of its folders of networks: networkFolder.',
      ...reference(datacenterNetworkFolder),
    }),
  }),
})

const noun = {
  type: 'Datacenter',
  plural: 'datacenters',
  noun: 'datacenter',
  nullable: false,
  example: '/Frankfurt',
} as const

export const datacenters = namedConnection(noun.type, noun.noun)
connectionRootField(noun, datacenters)

const DatacenterBy = byIdNameOrPath(noun)

builder.queryField('datacenter', (t) =>
  t.field({
    type: 'Datacenter',
    args: { by: t.arg({ type: DatacenterBy, description: 'Which; not needed where there is only one.' }) },
    description:
      'One datacenter. Without an argument the only one that there is. Null when there is none; AMBIGUOUS when there are several.',
    resolve: async (_root, { by }, context, info) => {
      const ref = by
        ? await findBy(by, 'Datacenter', context)
        : await theOnly(await everyRef('Datacenter', context), 'a datacenter without an argument', context)
      return ref ? ((await selected(ref, 'Datacenter', context, info)) ?? null) : null
    },
  }),
)
