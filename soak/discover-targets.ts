// Finds the objects of a vCenter for the clients to query and change.

import { Clients, type Targets } from './clients.ts'
import { OperationStats } from './operation-stats.ts'
import { inventory } from './operations.ts'

interface Machine {
  readonly moid: string
  readonly name: string
  readonly snapshots: readonly { readonly disks: readonly { id: string; changeId: string | null }[] }[] | null
}

/** @param changes glob for the names of virtual machines to change; those with snapshots are excluded */
export async function discoverTargets(url: string, changes: string | undefined): Promise<Targets> {
  const loadClients = new Clients(url, new OperationStats())
  const machines = async (filter: object): Promise<readonly Machine[]> => {
    const { data, errors } = await loadClients.execute('inventory', inventory, { filter })
    if (!data) throw new Error(`the inventory cannot be read: ${errors?.[0]?.message}`)
    return data.virtualMachines.nodes
  }
  try {
    const snapshots = (await machines({ snapshots: { some: {} } })).flatMap(
      ({ snapshots }) => snapshots ?? [],
    )
    const disks = snapshots.flatMap(({ disks }) => disks).filter(({ changeId }) => changeId)
    const own =
      changes === undefined ? [] : await machines({ snapshots: { none: {} }, name: { glob: changes } })
    return { own, disks: disks.map(({ id }) => id) }
  } finally {
    await loadClients.close()
  }
}
