// Tests Datastore.hostMounts: how each host has mounted a datastore.

import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

const execute = async (query: string) => {
  gateway.simulator.calls.splice(0)
  const { data, errors } = await gateway.execute(query)
  expect(errors).toBeUndefined()
  return data
}
const retrievals = () =>
  gateway.simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx').length

it('lists each host with its access to the datastore', async () => {
  const { datastore } = await execute(`{ datastore(by: { name: "vmfs-fra-12" }) {
    url accessible hostMounts { path accessMode mounted accessible inaccessibleReason host { name } }
  } }`)
  const mount = {
    path: datastore.url.slice(5, -1),
    accessMode: 'READ_WRITE',
    mounted: true,
    accessible: true,
    inaccessibleReason: null,
  }
  expect(datastore.accessible).toBe(true)
  expect(datastore.hostMounts).toEqual([
    { ...mount, host: { name: 'esx-fra-01.example.com' } },
    { ...mount, host: { name: 'esx-fra-02.example.com' } },
    {
      ...mount,
      accessible: false,
      inaccessibleReason: 'AllPathsDown_Start',
      host: { name: 'esx-fra-03.example.com' },
    },
  ])
})

it('finds the datastores that a host cannot access in the scan, and only these mounts', async () => {
  const query = `{ datastores(filter: { hostMounts: { some: { accessible: { eq: false } } } }) {
    totalCount nodes { name hostMounts(filter: { accessible: { eq: false } }) { inaccessibleReason } }
  } }`
  await execute(query)
  const { datastores } = await execute(query)
  expect(datastores).toEqual({
    totalCount: 1,
    nodes: [{ name: 'vmfs-fra-12', hostMounts: [{ inaccessibleReason: 'AllPathsDown_Start' }] }],
  })
  expect(retrievals()).toBe(1)
})

it('retrieves the hosts of all mounts of all datastores together', async () => {
  const query =
    '{ datastores { nodes { hostMounts(filter: { accessMode: { eq: READ_WRITE } }) { host { moid connectionState } } } } }'
  await execute(query)
  const { datastores } = await execute(query)
  const states = new Set(JSON.stringify(datastores).match(/"connectionState":"\w+"/g))
  expect([...states]).toEqual(['"connectionState":"CONNECTED"'])
  expect(retrievals()).toBe(2)
})

it('takes unset values as mounted, and as accessible if the datastore is, and unknown modes as null', async () => {
  const own = startGateway()
  const datastore = [...own.simulator.objects.ofType('Datastore')].find(
    (each) => each.get('name') === 'vmfs-fra-01',
  )!
  const mounts = datastore.get('host') as DataObject<'DatastoreHostMount'>[]
  datastore.set(
    'host',
    mounts.map(({ key }) => ({ key, mountInfo: { accessMode: 'appendOnly' } })),
  )
  own.simulator.faults.remove(mounts[1]!.key)
  const { data, errors } = await own.execute(
    '{ datastore(by: { name: "vmfs-fra-01" }) { hostMounts { path accessMode mounted accessible host { name } } } }',
  )
  await own.close()
  expect(errors).toBeUndefined()
  const mount = { path: null, accessMode: null, mounted: true, accessible: true }
  expect(data.datastore.hostMounts).toEqual([
    { ...mount, host: { name: 'esx-fra-01.example.com' } },
    { ...mount, host: null },
    { ...mount, host: { name: 'esx-fra-03.example.com' } },
  ])
})

it('reports a mount without its host or its state as a fault, and leaves its datastore undecided', async () => {
  const own = startGateway()
  const [datastore] = [...own.simulator.objects.ofType('Datastore')]
  datastore?.set('host', [{}])
  const { data, errors } = await own.execute(`{
    datastore(by: { moid: "${datastore?.ref.value}" }) { hostMounts { path host { name } } }
    datastores(filter: { hostMounts: { some: { accessible: { eq: false } } } }) { coverage { isComplete undecidedCount } }
  }`)
  await own.close()
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['VSPHERE_FAULT', 'VSPHERE_FAULT'])
  expect(data.datastores.coverage).toEqual([{ isComplete: true, undecidedCount: 1 }])
})
