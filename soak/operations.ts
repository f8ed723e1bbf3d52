// The GraphQL operations of the soak clients.

export const nested = '{ hosts { nodes { name virtualMachines(first: 3) { nodes { name powerState } } } } }'

export const page = `query ($after: String) {
  virtualMachines(first: 100, after: $after, orderBy: { field: NAME }) {
    nodes { name host { name } disks { capacity } }
    pageInfo { endCursor hasNextPage }
  }
}`

export const areas = `query ($disk: ID!) {
  node(id: $disk) { ... on VirtualDisk { allocatedAreas(first: 500) { nodes { start length } } } }
}`

export const create = `mutation ($moid: String!) {
  createSnapshot(input: { virtualMachine: { moid: $moid }, name: "soak" }) { snapshot { id } }
}`

export const remove = 'mutation ($id: ID!) { removeSnapshot(input: { snapshot: $id }) { task { state } } }'

export const removeAll = `mutation ($moid: String!) {
  removeAllSnapshots(input: { virtualMachine: { moid: $moid } }) { task { state } }
}`

const changesSubscription = (fields: string) => `subscription ($name: String!) {
  inventoryChanges(filter: { virtualMachine: { name: { glob: $name } } }) { initial changes { kind entity { ... on VirtualMachine { ${fields} } } } }
}`

/** Several selections, so that update subscriptions are added and removed. */
const subscriptions = ['name powerState', 'name annotation', 'name cpuCount', 'name template'].map(
  changesSubscription,
)
export const changes = (nth: number): string => subscriptions[nth % subscriptions.length] as string

export const snapshotChanges = changesSubscription('snapshots { id }')

/** Finds the objects for the clients to query and change. */
export const inventory = `query ($filter: VirtualMachineFilter) {
  virtualMachines(first: 1000, filter: $filter) { nodes { moid name snapshots { disks { id changeId } } } }
}`
