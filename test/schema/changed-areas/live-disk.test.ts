// The disk of a powered-off virtual machine: its map is of one moment, or there is a CONFLICT. It is never shorter for it.

import type { ExecutionResult } from 'graphql'
import { describe, expect, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import {
  type ChangedAreasFixture,
  changedAreasFixture,
  grain,
  pageOf,
  queryAreas,
} from './changed-areas-fixture.ts'

const codesOf = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions.code)

/** A disk of a machine that is off, 20 areas in windows of 5; `before` and `after` act around the nth query. */
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
  const lab = await changedAreasFixture({ powerState: 'poweredOff', wrap })
  const { changeId } = await lab.snapshot()
  for (let each = 0; each < 20; each += 1) lab.write(each * 3 * grain, 1)
  lab.simulator.inventory.settings.areasPerWindow = 5
  lab.simulator.calls.length = 0
  return { lab, since: { changeId }, on: (when: string, act: () => void) => acts.set(when, act) }
}

const power = ({ machine }: ChangedAreasFixture, state: 'poweredOn' | 'poweredOff') =>
  setPower(machine, state, new Date())
const methods = ({ simulator }: ChangedAreasFixture) => simulator.calls.map(({ method }) => method)

describe('what it costs', () => {
  test('a page is looked at once more than its windows, and so are the totals', async () => {
    const { lab, since } = await offline()
    const { errors } = await queryAreas(
      lab,
      lab.diskId,
      since,
      { first: 3 },
      'nodes { start } pageInfo { endCursor }',
    )
    expect(errors).toBeUndefined()
    expect(methods(lab)).toEqual(['RetrievePropertiesEx', 'QueryChangedDiskAreas', 'RetrievePropertiesEx'])
    lab.simulator.calls.length = 0
    await queryAreas(lab, lab.diskId, since, {}, 'nodes { start } totalCount density')
    expect(methods(lab).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(2)
  })

  test('one in a snapshot stands still and is not looked at again', async () => {
    const { lab, since } = await offline()
    const disk = await lab.snapshot()
    lab.simulator.calls.length = 0
    await pageOf(lab, disk.id, since)
    expect(methods(lab).filter((method) => method === 'RetrievePropertiesEx')).toHaveLength(1)
  })
})

describe('that powers on', () => {
  test.each(['before 1', 'before 3', 'after 3', 'before 4', 'after 4'])(
    'within one scan, %s of its windows, is a CONFLICT of page and totals',
    async (when) => {
      const { lab, since, on } = await offline()
      on(when, () => power(lab, 'poweredOn'))
      const answer = await queryAreas(lab, lab.diskId, since, {}, 'nodes { start } totalCount totalLength')
      expect(answer.data.node.areas).toBeNull()
      expect(new Set(codesOf(answer))).toEqual(new Set(['CONFLICT']))
      expect(answer.errors?.[0]?.extensions).toMatchObject({ state: 'poweredOn', remedy: expect.any(String) })
    },
  )

  test('behind a page that was full before leaves that page standing, and no totals', async () => {
    const { lab, since, on } = await offline()
    on('before 2', () => power(lab, 'poweredOn'))
    const answer = await queryAreas(lab, lab.diskId, since, { first: 3 }, 'nodes { start } totalCount')
    expect(answer.data.node.areas).toMatchObject({
      nodes: [0, 3, 6].map((each) => ({ start: each * grain })),
      totalCount: null,
    })
    expect(codesOf(answer)).toEqual(['CONFLICT'])
  })

  test.each(['before 2', 'after 2', 'after 4'])(
    'and off again (%s), having written where the map was told already, is a CONFLICT',
    async (when) => {
      const { lab, since, on } = await offline()
      on(when, () => {
        power(lab, 'poweredOn')
        lab.write(grain, 1)
        power(lab, 'poweredOff')
      })
      const answer = await queryAreas(lab, lab.diskId, since, {}, 'totalCount')
      expect(answer.data.node.areas).toEqual({ totalCount: null })
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'CONFLICT',
        retryable: true,
        state: 'changed',
      })
    },
  )

  test('between two pages is a CONFLICT that costs no query, and so is one that is off again', async () => {
    const { lab, since } = await offline()
    const { pageInfo } = await pageOf(lab, lab.diskId, since, { first: 3 })
    lab.queries()
    power(lab, 'poweredOn')
    const running = await queryAreas(lab, lab.diskId, since, { after: pageInfo.endCursor })
    expect(running.errors).toMatchObject([{ extensions: { code: 'CONFLICT', state: 'poweredOn' } }])
    power(lab, 'poweredOff')
    const off = await queryAreas(lab, lab.diskId, since, { after: pageInfo.endCursor })
    expect(off.errors).toMatchObject([{ extensions: { code: 'CONFLICT', state: 'changed' } }])
    expect(lab.queries()).toBe(0)
    expect((await pageOf(lab, lab.diskId, since)).nodes).toHaveLength(20)
  })
})

test('a disk that goes away with its virtual machine is not found', async () => {
  const { lab, since, on } = await offline()
  on('after 4', () => lab.simulator.faults.remove(lab.machine.ref))
  const answer = await queryAreas(lab, lab.diskId, since, {}, 'totalCount')
  expect(codesOf(answer)).toEqual(['NOT_FOUND'])
})

test('a fault that has nothing to do with its state is told as what it is', async () => {
  const { lab, since } = await offline()
  lab.simulator.faults.fault(
    {
      _typeName: 'FileFault',
      file: 'x',
      faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.noTrack', message: 'off' }],
    },
    { method: 'QueryChangedDiskAreas' },
  )
  expect(codesOf(await queryAreas(lab, lab.diskId, since, {}, 'totalCount'))).toEqual(['CBT_NOT_ENABLED'])
})
