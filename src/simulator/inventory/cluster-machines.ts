// The virtual machines of vSphere Cluster Services (vCLS), which vCenter itself keeps in a cluster.

import type { SimulationContext } from '../simulation-context.ts'
import type { Machine } from '../virtual-machine/machine.ts'
import { createMachine, GiB } from './create-machine.ts'
import type { NamedContainers } from './named-containers.ts'

const identifiers = ['1c3d7a52-4b0e-4f6a-9d21-6e5a0c8f1b74', '8f20b6e1-93c4-4a17-8e5d-2b7c4d90a3f6'] as const

export const clusterMachineCount = identifiers.length

/** Creates them on two hosts of the cluster. They have no network, and vCenter reports no date of their last change. */
export const createClusterMachines = (context: SimulationContext, containers: NamedContainers): Machine[] =>
  identifiers.map((identifier, index) => {
    const machine = createMachine(context, {
      ...containers.production,
      host: (index === 0 ? containers.production : containers.web).host,
      name: `vCLS-${identifier}`,
      system: 'photon',
      cpus: 1,
      memoryMB: 128,
      disks: [{ capacity: 2 * GiB }],
      cards: [],
      annotation: 'vSphere Cluster Services',
      managedBy: { extensionKey: 'com.vmware.vim.eam', type: 'cluster-agent' },
      ageDays: 200,
    })
    machine.settings = { ...machine.settings, modified: new Date(0) }
    return machine
  })
