// What there is to ask about in a vCenter.

import { Clients, type Known } from './clients.ts'
import { inventory } from './operations.ts'
import { Tally } from './operation-stats.ts'

interface Machine {
  readonly moid: string
  readonly name: string
  readonly snapshots: readonly { readonly disks: readonly { id: string; changeId: string | null }[] }[] | null
}

/** @param changes the names of the machines that may be changed, as a glob; of these, the ones without snapshots are */
export async function lookAround(url: string, changes: string | undefined): Promise<Known> {
  const asking = new Clients(url, new Tally())
  const machines = async (filter: object): Promise<readonly Machine[]> => {
    const { data, errors } = await asking.ask('inventory', inventory, { filter })
    if (!data) throw new Error(`the inventory cannot be read: ${errors?.[0]?.message}`)
    return data.virtualMachines.nodes
  }
  try {
    const snapshots = (await machines({ hasSnapshots: true })).flatMap(({ snapshots }) => snapshots ?? [])
    const disks = snapshots.flatMap(({ disks }) => disks).filter(({ changeId }) => changeId)
    const own = changes === undefined ? [] : await machines({ hasSnapshots: false, name: changes })
    return { own, disks: disks.map(({ id }) => id) }
  } finally {
    await asking.close()
  }
}
