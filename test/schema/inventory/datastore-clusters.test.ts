// Tests datastore clusters: a type of their own, although vim25 has them as folders.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

const execute = async (query: string, variables?: Record<string, unknown>) => {
  const { data, errors } = await gateway.execute(query, variables)
  expect(errors).toBeUndefined()
  return data
}

it('has its space, its datastores and its location', async () => {
  const { datastoreClusters } = await execute(`{ datastoreClusters { totalCount nodes {
    __typename name path capacity freeSpace freePercent storageDrsEnabled folder { name } datacenter { name }
    datastores { nodes { name path freeSpace folder { name } datastoreCluster { name } } }
  } } }`)
  const [pod] = datastoreClusters.nodes
  const { nodes } = pod.datastores
  const freeSpace = nodes.reduce((sum: number, each: { freeSpace: number }) => sum + each.freeSpace, 0)
  const inPod = { folder: null, datastoreCluster: { name: 'fra-pod-01' } }
  expect(datastoreClusters.totalCount).toBe(1)
  expect(pod).toMatchObject({
    __typename: 'StoragePod',
    path: '/Frankfurt/datastore/fra-pod-01',
    capacity: 32 * 1024 ** 4,
    freeSpace,
    freePercent: (freeSpace / (32 * 1024 ** 4)) * 100,
    storageDrsEnabled: true,
    folder: { name: 'datastore' },
    datacenter: { name: 'Frankfurt' },
  })
  expect(nodes).toMatchObject([
    { ...inPod, name: 'vmfs-fra-11', path: '/Frankfurt/datastore/fra-pod-01/vmfs-fra-11' },
    { ...inPod, name: 'vmfs-fra-12' },
  ])
})

it('is found by id, moid, name and path, and is no folder', async () => {
  const { datastoreClusters } = await execute('{ datastoreClusters { nodes { id moid name path } } }')
  const [pod] = datastoreClusters.nodes
  const data = await execute(
    `query ($id: ID!, $moid: String!, $name: String!, $path: String!) {
      id: datastoreCluster(by: { id: $id }) { moid } moid: datastoreCluster(by: { moid: $moid }) { moid }
      name: datastoreCluster(by: { name: $name }) { moid } path: datastoreCluster(by: { path: $path }) { moid }
      node(id: $id) { __typename }
      byMoid: folder(by: { moid: $moid }) { moid } byName: folder(by: { name: $name }) { moid }
      byPath: folder(by: { path: $path }) { moid }
      folders(filter: { name: { eq: $name } }) { totalCount }
      folder(by: { path: "/Frankfurt/datastore" }) {
        folders { totalCount } all: folders(recursive: true) { totalCount }
        datastoreClusters { nodes { moid } } datastores { totalCount } deep: datastores(recursive: true) { totalCount }
      }
      root: folder(by: { path: "/" }) { datastoreClusters(recursive: true) { nodes { moid } } }
      datacenter(by: { name: "Frankfurt" }) { datastoreClusters { nodes { moid } } datastores { totalCount } }
    }`,
    pod,
  )
  const found = { moid: pod.moid }
  expect(data).toEqual({
    id: found,
    moid: found,
    name: found,
    path: found,
    node: { __typename: 'StoragePod' },
    byMoid: null,
    byName: null,
    byPath: null,
    folders: { totalCount: 0 },
    folder: {
      folders: { totalCount: 0 },
      all: { totalCount: 0 },
      datastoreClusters: { nodes: [found] },
      datastores: { totalCount: 3 },
      deep: { totalCount: 5 },
    },
    root: { datastoreClusters: { nodes: [found] } },
    datacenter: { datastoreClusters: { nodes: [found] }, datastores: { totalCount: 5 } },
  })
  const { errors } = await gateway.execute('query ($id: ID!) { folder(by: { id: $id }) { moid } }', pod)
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

it('narrows a list of datastores', async () => {
  const { inPod, others } = await execute(`{
    inPod: datastores(filter: { datastoreCluster: { freePercent: { gt: 10 } } }) { nodes { name } }
    others: datastores(filter: { not: { datastoreCluster: {} } }) { totalCount }
  }`)
  expect(inPod.nodes).toEqual([{ name: 'vmfs-fra-11' }, { name: 'vmfs-fra-12' }])
  expect(others.totalCount).toBe(4)
})
