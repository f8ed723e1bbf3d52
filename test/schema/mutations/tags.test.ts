// attachTag and detachTag: one call for all objects, a result for each, and lost responses.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { InjectedReply } from '../../../src/simulator/tagging/rest-service.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { mutate } from './mutate.ts'

let gateway: TestGateway

beforeEach(() => {
  gateway = startGateway()
})

afterEach(() => gateway.close())

const weekly = { name: { category: 'backup', name: 'weekly' } }
const selection = 'results { entityId entity { name tags { name } } error { code message remedy retryable } }'

async function idsOf(...names: readonly string[]): Promise<string[]> {
  const { data } = await gateway.execute('{ virtualMachines { nodes { id name } } }')
  const nodes = data.virtualMachines.nodes as { id: string; name: string }[]
  return names.map((name) => nodes.find((each) => each.name === name)?.id as string)
}

const attachedTo = (name: string): string[] => {
  const { store } = gateway.simulator.rest
  return store.tagIdsOf(gateway.simulator.inventory.vm(name).ref).map((id) => store.tag(id).name)
}

const writes = (): string[] =>
  gateway.simulator.rest.calls.flatMap(({ path }) => /action=(attach|detach)-.*/.exec(path)?.[0] ?? [])

describe('attachTag and detachTag', () => {
  it('change all objects in one call, and return them as they are afterwards', async () => {
    const entities = await idsOf('007', 'mail-01')
    const { payload, reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(reported).toEqual([])
    expect(payload.results).toEqual([
      { entityId: entities[0], entity: { name: '007', tags: [{ name: 'weekly' }] }, error: null },
      { entityId: entities[1], entity: { name: 'mail-01', tags: [{ name: 'weekly' }] }, error: null },
    ])
    expect(writes()).toEqual(['action=attach-tag-to-multiple-objects'])
    const again = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(again.payload.results).toEqual(payload.results)
    const { data } = await gateway.execute('{ tags(filter: { name: { eq: "weekly" } }) { nodes { id } } }')
    const { id } = data.tags.nodes[0]
    for (let count = 0; count < 2; count += 1) {
      const detached = await mutate(gateway, 'detachTag', { tag: { id }, entities }, selection)
      expect(detached.reported).toEqual([])
      expect(detached.payload.results[1]).toMatchObject({
        entity: { name: 'mail-01', tags: [] },
        error: null,
      })
    }
    expect(attachedTo('007')).toEqual([])
    expect(gateway.audit.map(({ mutation, outcome }) => `${mutation} ${outcome}`)).toEqual([
      'attachTag success',
      'attachTag success',
      'detachTag success',
      'detachTag success',
    ])
    expect(gateway.audit[0]?.calls).toEqual(
      ['007', 'mail-01'].map((name) => ({
        method: 'attach-tag-to-multiple-objects',
        object: gateway.simulator.inventory.vm(name).moid,
        tag: 'backup/weekly',
      })),
    )
  })

  it('show the tag in a filter at once', async () => {
    const filter =
      '{ virtualMachines(filter: { tags: { some: { name: { eq: "weekly" } } } }) { nodes { name } } }'
    await gateway.execute(filter)
    await mutate(gateway, 'attachTag', { tag: weekly, entities: await idsOf('007') }, 'results { entityId }')
    const { data } = await gateway.execute(filter)
    expect(data.virtualMachines.nodes).toEqual([{ name: '007' }, { name: 'file-01' }])
  })

  it('end the order of the pages of a filter by tags', async () => {
    const query = `query ($after: String) { virtualMachines(first: 1, after: $after, filter: { tags: { some: { category: { name: { eq: "backup" } } } } }) { nodes { name } pageInfo { endCursor } } }`
    const first = await gateway.execute(query)
    await mutate(
      gateway,
      'attachTag',
      { tag: weekly, entities: await idsOf('desktop-01') },
      'results { entityId }',
    )
    const { endCursor: after } = first.data.virtualMachines.pageInfo
    const next = await gateway.execute(query, { after })
    expect([first, next].map(({ data }) => data.virtualMachines.nodes[0].name)).toEqual([
      'db-01',
      'desktop-01',
    ])
  })

  it('report CONFLICT for an object with another tag of a category that allows one, and change the others', async () => {
    const entities = await idsOf('web-01', '007')
    const { payload, reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(reported).toEqual([])
    expect(payload.results).toMatchObject([
      { entity: { name: 'web-01' }, error: { code: 'CONFLICT', retryable: false } },
      { entity: { name: '007' }, error: null },
    ])
    expect(attachedTo('web-01')).toEqual(['production', 'daily', 'shop'])
    expect(gateway.audit[0]).toMatchObject({ outcome: 'partial' })
  })

  it('report an object of a type that the category rejects, and one that was removed', async () => {
    const { data } = await gateway.execute('{ hosts(first: 1) { nodes { id } } }')
    const [removed, mail] = await idsOf('007', 'mail-01')
    gateway.simulator.faults.remove(gateway.simulator.inventory.vm('007').ref)
    const entities = [data.hosts.nodes[0].id, removed, mail]
    const { payload } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(payload.results).toMatchObject([
      { error: { code: 'VSPHERE_FAULT', message: expect.stringContaining('cannot be associated') } },
      { entity: null, error: { code: 'VSPHERE_FAULT' } },
      { entity: { name: 'mail-01' }, error: null },
    ])
  })

  it('do not take a tag as detached from an object that may not be read', async () => {
    const [web, mail] = await idsOf('web-01', 'mail-01')
    const { store } = gateway.simulator.rest
    gateway.simulator.faults.deny(gateway.simulator.inventory.vm('web-01').ref, 'overallStatus')
    gateway.simulator.rest.inject(
      { status: 200, body: '{"success":false,"error_messages":[{"id":"x","default_message":"Denied."}]}' },
      /detach-tag/,
    )
    const { id } = store.find('backup', 'daily')
    vi.spyOn(store, 'tagIdsOf').mockReturnValue([])
    const input = { tag: { name: { category: 'backup', name: 'daily' } }, entities: [web, mail] }
    const { payload } = await mutate(gateway, 'detachTag', input, 'results { error { code message } }')
    vi.restoreAllMocks()
    expect(attachedTo('web-01')).toContain(store.tag(id).name)
    expect(payload.results).toMatchObject([
      { error: { code: 'VSPHERE_FAULT', message: expect.stringContaining('Denied.') } },
      { error: null },
    ])
  })

  it.each([
    ['no object', { entities: [] }, 'BAD_USER_INPUT'],
    [
      'too many objects',
      { entities: Array.from({ length: 101 }, (_each, index) => `id-${index}`) },
      'BAD_USER_INPUT',
    ],
    ['something else than an id', { entities: ['vm-1'] }, 'BAD_USER_INPUT'],
    ['an unknown tag', { tag: { name: { category: 'backup', name: 'never' } } }, 'NOT_FOUND'],
    ['a tag in another case', { tag: { name: { category: 'Backup', name: 'weekly' } } }, 'NOT_FOUND'],
    ['the id of something else as tag', { tag: { id: 'x' } }, 'BAD_USER_INPUT'],
  ])('send no call with %s', async (_case, input, code) => {
    const entities = await idsOf('007')
    const { reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities, ...input }, selection)
    expect(reported).toMatchObject([{ path: 'attachTag', code }])
    expect(writes()).toEqual([])
  })

  it('send no call with two ids of one object', async () => {
    const [id = ''] = await idsOf('007')
    const entities = [id, ` ${id}`]
    const { reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(writes()).toEqual([])
  })

  it('do not find a tag by a name that it no longer has', async () => {
    await gateway.execute('{ tags { nodes { name } } }')
    gateway.simulator.rest.store.find('backup', 'weekly').name = 'monthly'
    const entities = await idsOf('007')
    const { reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(reported).toMatchObject([{ code: 'NOT_FOUND' }])
    expect(writes()).toEqual([])
  })

  it.each<[string, InjectedReply]>([
    ['the response is lost', { status: 200, drop: 'unanswered' }],
    ['the response is cut', { status: 200, drop: 'midBody' }],
  ])('succeed, without a second call, when %s and the tags show the change', async (_case, reply) => {
    gateway.simulator.rest.inject(reply, /attach-tag/)
    const entities = await idsOf('007')
    const { payload } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(payload.results).toMatchObject([{ error: null }])
    expect(writes()).toHaveLength(1)
    expect(gateway.audit[0]).toMatchObject({ outcome: 'success' })
  })

  it.each<[string, InjectedReply]>([
    ['the request is lost', { status: 200, drop: 'unread' }],
    ['a proxy responds', { status: 503, body: '<html></html>', contentType: 'text/html' }],
    ['the response is a page', { status: 200, body: '<html></html>', contentType: 'text/html' }],
  ])(
    'report OUTCOME_UNKNOWN, without a second call, when %s and the tags do not show it',
    async (_case, reply) => {
      gateway.simulator.rest.inject(reply, /attach-tag/)
      const entities = await idsOf('007')
      const { payload } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
      expect(payload.results).toMatchObject([
        { entity: { tags: [] }, error: { code: 'OUTCOME_UNKNOWN', retryable: false } },
      ])
      expect(writes()).toHaveLength(1)
      expect(gateway.audit[0]).toMatchObject({ outcome: 'unknown' })
    },
  )

  it.each([
    ['attachTag', 'VSPHERE_FAULT', []],
    ['detachTag', undefined, []],
  ])('do not take an empty response for success (%s)', async (field, code, tags) => {
    gateway.simulator.rest.inject({ status: 200 }, /multiple-objects/)
    const entities = await idsOf('007')
    const { payload } = await mutate(gateway, field, { tag: weekly, entities }, selection)
    expect(payload.results).toMatchObject([{ entity: { tags }, error: code ? { code } : null }])
    expect(writes()).toHaveLength(1)
  })

  it('send the call with a new session when the old one has ended', async () => {
    const entities = await idsOf('007')
    gateway.simulator.rest.inject({ status: 401 }, /attach-tag/)
    const { payload } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(payload.results).toMatchObject([{ error: null }])
    expect(attachedTo('007')).toEqual(['weekly'])
  })

  it('report a missing privilege for each object', async () => {
    const entities = await idsOf('007')
    gateway.simulator.rest.inject({ status: 403 }, /attach-tag/)
    const { payload } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(payload.results).toMatchObject([{ error: { code: 'FORBIDDEN' } }])
    expect(gateway.audit[0]).toMatchObject({ outcome: 'failed' })
  })

  it('fail as a whole when the session has ended and the gateway cannot log in again', async () => {
    const entities = await idsOf('007')
    const { rest } = gateway.simulator
    rest.inject({ status: 401 }, /attach-tag/)
    await gateway.execute('{ tags { nodes { name } } }')
    rest.inject({ status: 503 }, /api\/session/, 9)
    const { reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(reported).toMatchObject([{ code: 'VCENTER_UNAVAILABLE', retryable: true }])
    expect(attachedTo('007')).toEqual([])
    expect(gateway.audit[0]).toMatchObject({ outcome: 'failed' })
  })

  it('fail as a whole when the gateway cannot log in', async () => {
    const entities = await idsOf('007')
    gateway.simulator.rest.generations.clear()
    const { reported } = await mutate(gateway, 'attachTag', { tag: weekly, entities }, selection)
    expect(reported).toMatchObject([{ code: 'VCENTER_UNAVAILABLE' }])
    expect(gateway.audit[0]).toMatchObject({ outcome: 'failed', calls: [] })
  })
})
