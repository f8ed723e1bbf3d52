// Tests the disk of a powered-off virtual machine: its map describes one point in time, or the result is a
// CONFLICT. It is never incomplete.

import type { ExecutionResult } from 'graphql'
import { describe, expect, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import {
  type ChangedAreasFixture,
  changedAreasFixture,
  grain,
  pageOf,
  queryAreas,
} from './changed-areas-fixture.ts'

const codesOf = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions.code)

/**
 * A disk of a powered-off machine, with 20 areas in windows of 5. `before` and `after` run code around the
 * nth query.
 */
async function offline() {
  const acts = new Map<string, () => void>()
  let queries = 0
  const wrap = (transport: Transport): Transport => ({
    ...transport,
    async send(request) {
      if (!request.body?.includes('<QueryChangedDiskAreas ')) return transport.send(request)
      queries += 1
      const nth = queries
      acts.get(`before ${nth}`)?.()
      const response = await transport.send(request)
      acts.get(`after ${nth}`)?.()
      return response
    },
  })
  const fixture = await changedAreasFixture({ powerState: 'poweredOff', wrap })
  const { changeId } = await fixture.snapshot()
  for (let each = 0; each < 20; each += 1) fixture.write(each * 3 * grain, 1)
  fixture.simulator.inventory.settings.areasPerWindow = 5
  fixture.simulator.calls.length = 0
  return { fixture, since: { changeId }, on: (when: string, act: () => void) => acts.set(when, act) }
}

const power = ({ machine }: ChangedAreasFixture, state: 'poweredOn' | 'poweredOff') =>
  setPower(machine, state, new Date())
const methods = ({ simulator }: ChangedAreasFixture) => simulator.calls.map(({ method }) => method)

describe('the calls for a live disk', () => {
  test('check its state once more than they read windows, for a page and for totals', async () => {
    const { fixture, since } = await offline()
    const { errors } = await queryAreas(
      fixture,
      fixture.diskId,
      since,
      { first: 3 },
      'nodes { start } pageInfo { endCursor }',
    )
    expect(errors).toBeUndefined()
    expect(methods(fixture)).toEqual([
      'RetrievePropertiesEx',
      'QueryChangedDiskAreas',
      'RetrievePropertiesEx',
    ])
    fixture.simulator.calls.length = 0
    await queryAreas(fixture, fixture.diskId, since, {}, 'nodes { start } totalCount density')
    expect(methods(fixture).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(2)
  })

  test('do not check the state of a disk in a snapshot again, since it cannot change', async () => {
    const { fixture, since } = await offline()
    const disk = await fixture.snapshot()
    fixture.simulator.calls.length = 0
    await pageOf(fixture, disk.id, since)
    expect(methods(fixture).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(1)
  })
})

describe('a machine that powers on', () => {
  test.each(['before 1', 'before 3', 'after 3', 'before 4', 'after 4'])(
    'within one scan, %s of its windows, causes a CONFLICT of page and totals',
    async (when) => {
      const { fixture, since, on } = await offline()
      on(when, () => power(fixture, 'poweredOn'))
      const result = await queryAreas(
        fixture,
        fixture.diskId,
        since,
        {},
        'nodes { start } totalCount totalLength',
      )
      expect(result.data.node.areas).toBeNull()
      expect(new Set(codesOf(result))).toEqual(new Set(['CONFLICT']))
      expect(result.errors?.[0]?.extensions).toMatchObject({ state: 'poweredOn', remedy: expect.any(String) })
    },
  )

  test('after a page was already full causes a CONFLICT of the totals only', async () => {
    const { fixture, since, on } = await offline()
    on('before 2', () => power(fixture, 'poweredOn'))
    const result = await queryAreas(
      fixture,
      fixture.diskId,
      since,
      { first: 3 },
      'nodes { start } totalCount',
    )
    expect(result.data.node.areas).toMatchObject({
      nodes: [0, 3, 6].map((each) => ({ start: each * grain })),
      totalCount: null,
    })
    expect(codesOf(result)).toEqual(['CONFLICT'])
  })

  test.each(['before 2', 'after 2', 'after 4'])(
    'and off again (%s), after writing where the map was already read, causes a CONFLICT',
    async (when) => {
      const { fixture, since, on } = await offline()
      on(when, () => {
        power(fixture, 'poweredOn')
        fixture.write(grain, 1)
        power(fixture, 'poweredOff')
      })
      const result = await queryAreas(fixture, fixture.diskId, since, {}, 'totalCount')
      expect(result.data.node.areas).toEqual({ totalCount: null })
      expect(result.errors?.[0]?.extensions).toMatchObject({
        code: 'CONFLICT',
        retryable: true,
        state: 'changed',
      })
    },
  )

  test('between two pages causes a CONFLICT without a query, also when it is off again', async () => {
    const { fixture, since } = await offline()
    const { pageInfo } = await pageOf(fixture, fixture.diskId, since, { first: 3 })
    fixture.queries()
    power(fixture, 'poweredOn')
    const running = await queryAreas(fixture, fixture.diskId, since, { after: pageInfo.endCursor })
    expect(running.errors).toMatchObject([{ extensions: { code: 'CONFLICT', state: 'poweredOn' } }])
    power(fixture, 'poweredOff')
    const off = await queryAreas(fixture, fixture.diskId, since, { after: pageInfo.endCursor })
    expect(off.errors).toMatchObject([{ extensions: { code: 'CONFLICT', state: 'changed' } }])
    expect(fixture.queries()).toBe(0)
    expect((await pageOf(fixture, fixture.diskId, since)).nodes).toHaveLength(20)
  })
})

test('reports NOT_FOUND for a disk that is removed with its virtual machine', async () => {
  const { fixture, since, on } = await offline()
  on('after 4', () => fixture.simulator.faults.remove(fixture.machine.ref))
  const result = await queryAreas(fixture, fixture.diskId, since, {}, 'totalCount')
  expect(codesOf(result)).toEqual(['NOT_FOUND'])
})

test('reports a fault that is unrelated to its state unchanged', async () => {
  const { fixture, since } = await offline()
  fixture.simulator.faults.fault(
    {
      _typeName: 'FileFault',
      file: 'x',
      faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.noTrack', message: 'off' }],
    },
    { method: 'QueryChangedDiskAreas' },
  )
  expect(codesOf(await queryAreas(fixture, fixture.diskId, since, {}, 'totalCount'))).toEqual([
    'CBT_NOT_ENABLED',
  ])
})
