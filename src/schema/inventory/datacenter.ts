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
import { connectionField } from '../core/connection.ts'
import { reference } from '../core/field-requirements.ts'
import { allRefs, exactlyOne, findBy, loadSelected } from '../core/lookup.ts'
import { folderField, nameField } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { connectionRootField, lookupInputType } from '../core/root-fields.ts'
import { virtualMachineArgs, virtualMachinesVia } from '../virtual-machine/virtual-machine-connection.ts'
import { computeResources } from './compute-resource.ts'
import { datastores } from './datastore.ts'
import { hosts } from './host-system.ts'
import { networks } from './network.ts'

builder.objectType('Datacenter', {
  description:
    'A datacenter: the root of folders of virtual machines, hosts, datastores and networks. vim25: Datacenter.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    name: t.string(nameField),
    folder: t.field(folderField),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesVia(datacenterVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines in it, in folders and vApps at any depth: vmFolder, childEntity.',
    }),
    computeResources: t.field({
      ...connectionField(computeResources.via(datacenterComputeResources)),
      type: 'ComputeResourceConnection',
      args: computeResources.args(t.arg),
      description: 'Its clusters and standalone hosts, in folders at any depth: hostFolder, childEntity.',
    }),
    hosts: t.field({
      ...connectionField(hosts.via(datacenterHosts)),
      type: 'HostSystemConnection',
      args: hosts.args(t.arg),
      description: 'The hosts in it, in clusters or alone: hostFolder, childEntity, host.',
    }),
    datastores: t.field({
      ...connectionField(datastores.via(datacenterDatastores)),
      type: 'DatastoreConnection',
      args: datastores.args(t.arg),
      description:
        'The datastores in it, in folders and datastore clusters at any depth: datastoreFolder, childEntity.',
    }),
    networks: t.field({
      ...connectionField(networks.via(datacenterNetworks)),
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

const options = {
  type: 'Datacenter',
  plural: 'datacenters',
  label: 'datacenter',
  nullable: false,
  example: '/Frankfurt',
} as const

export const datacenters = namedConnection(options.type, options.label)
connectionRootField(options, datacenters)

const DatacenterLookup = lookupInputType(options)

builder.queryField('datacenter', (t) =>
  t.field({
    type: 'Datacenter',
    args: {
      by: t.arg({ type: DatacenterLookup, description: 'Which; not needed where there is only one.' }),
    },
    description:
      'One datacenter. Without an argument the only one that there is. Null when there is none; AMBIGUOUS when there are several.',
    resolve: async (_root, { by }, context, info) => {
      const ref = by
        ? await findBy(by, 'Datacenter', context)
        : await exactlyOne(await allRefs('Datacenter', context), 'a datacenter without an argument', context)
      return ref ? ((await loadSelected(ref, 'Datacenter', context, info)) ?? null) : null
    },
  }),
)
