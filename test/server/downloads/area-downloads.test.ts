// Tests GET /areas: the files equal the lists of GraphQL, end with their last line only when complete, and errors are readable.

import { get } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import { describe, expect, onTestFinished, test } from 'vitest'
import { useAreaDownloads } from '../../../src/server/downloads/use-area-downloads.ts'
import {
  changedAreasFixture,
  type FrozenDisk,
  grain,
  smallCapacity,
} from '../../schema/changed-areas/changed-areas-fixture.ts'
import type { TestGateway } from '../../test-gateway.ts'

interface Export {
  readonly path: string
  readonly mediaType: string
}

/** Requests the path of a disk's file. */
async function exportOf(gateway: Pick<TestGateway, 'execute'>, { id }: Pick<FrozenDisk, 'id'>, args = '') {
  const { data, errors } = await gateway.execute(
    `query ($id: ID!) { node(id: $id) { ... on VirtualDisk { areasExport${args} { path mediaType } } } }`,
    { id },
  )
  return { file: data?.node?.areasExport as Export, errors }
}

const linesOf = (text: string) => text.trimEnd().split('\n')

/** A disk whose snapshot needs several windows. */
async function fixtureWithAreas(options?: Parameters<typeof changedAreasFixture>[0]) {
  const fixture = await changedAreasFixture(options)
  const base = await fixture.snapshot()
  for (let at = 0; at < smallCapacity; at += 2 * grain) fixture.write(at, grain)
  const disk = await fixture.snapshot()
  fixture.simulator.inventory.settings.areasPerWindow = 5
  return { ...fixture, base, disk }
}

async function* systemError(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>broken</faultstring><detail><SystemErrorFault xsi:type="SystemError"><reason>x</reason></SystemErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>',
  )
}

/** Makes the vCenter fail from a window on, by its number since `arm`. */
function failingFrom(number: number) {
  let left = Number.POSITIVE_INFINITY
  const fixture = fixtureWithAreas({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        const isQuery = request.body?.includes('<QueryChangedDiskAreas ')
        if (isQuery) left -= 1
        return isQuery && left <= 0
          ? { status: 500, headers: {}, body: systemError() }
          : transport.send(request)
      },
    }),
  })
  return {
    fixture,
    arm: () => {
      left = number
    },
  }
}

describe('a download', () => {
  test('as NDJSON of changes has the areas of changedAreas between a first and a last line', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(
      fixture,
      fixture.disk,
      `(since: { changeId: "${fixture.base.changeId}" })`,
    )
    const response = await fixture.fetch(file.path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const [first, ...others] = linesOf(await response.text()).map((line) => JSON.parse(line))
    const last = others.pop()
    const areas = fixture.written(fixture.base.changeId, fixture.disk)
    expect(areas.length).toBeGreaterThan(20)
    expect(others).toEqual(areas)
    expect(first).toEqual({
      type: 'start',
      capacity: smallCapacity,
      changeId: fixture.disk.changeId,
      sinceChangeId: fixture.base.changeId,
    })
    expect(last).toEqual({
      type: 'end',
      areas: areas.length,
      bytes: areas.reduce((sum, { length }) => sum + length, 0),
      capacity: smallCapacity,
      changeId: fixture.disk.changeId,
    })
  })

  test('as EXTENTLIST has a line for each area and ends with an empty extent at the capacity', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk, '(format: EXTENTLIST)')
    expect(file.mediaType).toBe('text/plain; charset=utf-8')
    const response = await fixture.fetch(file.path)
    expect(response.headers.get('content-type')).toBe(file.mediaType)
    const lines = linesOf(await response.text()).map((line) => line.split(' ').map(Number))
    expect(lines.pop()).toEqual([smallCapacity, 0])
    expect(lines).toEqual(
      fixture.written('beginning', fixture.disk).map(({ start, length }) => [start, length]),
    )
  })

  test('since a snapshot merges gaps as changedAreas does, with the calls of one scan', async () => {
    const fixture = await fixtureWithAreas()
    const { base, disk } = fixture
    const args = `since: { snapshot: "${base.snapshotId}" }, mergeGapsUpTo: ${grain}`
    const { data } = await fixture.execute(
      `query ($id: ID!) { node(id: $id) { ... on VirtualDisk { changedAreas(${args}) { nodes { start length } } } } }`,
      { id: disk.id },
    )
    const queries = fixture.queries()
    const { file } = await exportOf(fixture, disk, `(${args})`)
    const text = await (await fixture.fetch(file.path)).text()
    const areas = linesOf(text).slice(1, -1)
    expect(areas.map((line) => JSON.parse(line))).toEqual(data.node.changedAreas.nodes)
    expect(fixture.queries()).toBe(queries)
  })

  test('of an unchanged disk has only the first and the last line', async () => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    const { file } = await exportOf(
      fixture,
      await fixture.snapshot(),
      `(since: { changeId: "${base.changeId}" })`,
    )
    const lines = linesOf(await (await fixture.fetch(file.path)).text()).map((line) => JSON.parse(line))
    expect(lines).toMatchObject([{ type: 'start' }, { type: 'end', areas: 0, bytes: 0 }])
  })

  test('is logged as one operation and leaves no session object behind', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk)
    await (await fixture.fetch(file.path)).text()
    await expect
      .poll(() => fixture.operations.at(-1))
      .toMatchObject({ name: 'DownloadAreas', outcome: 'success' })
    expect(fixture.simulator.live.filters).toBe(0)
  })
})

describe('a download whose client disconnects before the first line is sent', () => {
  test('ends the subscription', async () => {
    const { onRequest, onResultProcess } = useAreaDownloads() as Required<Plugin>
    const request = new Request('http://localhost/areas?disk=x')
    const url = new URL(request.url)
    let isEnded = false
    const areas = { areas: [], capacity: 1, complete: false, changeId: '*', sinceChangeId: null }
    const events: AsyncIterableIterator<object> = {
      next: async () => ({ done: false, value: { data: { changedAreas: areas } } }),
      return: async () => {
        isEnded = true
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => events,
    }
    let process: ((result: never, fetchAPI: never) => Response | Promise<Response>) | undefined
    onRequest({ request, url, fetchAPI: globalThis } as never)
    onResultProcess({
      request,
      serverContext: {},
      setResultProcessor: (processor: NonNullable<typeof process>) => {
        process = processor
      },
    } as never)
    const response = await process?.(events as never, globalThis as never)
    expect(response?.status).toBe(200)
    await response?.body?.cancel()
    await expect.poll(() => isEnded).toBe(true)
  })
})

describe('a path', () => {
  test('costs no call', async () => {
    const fixture = await fixtureWithAreas()
    fixture.queries()
    await exportOf(fixture, fixture.disk)
    expect(fixture.queries()).toBe(0)
  })

  test.each(['(format: EXTENTLIST, since: { changeId: "52 00/1" })', '(mergeGapsUpTo: -1)'])(
    'with %s is rejected',
    async (args) => {
      const fixture = await fixtureWithAreas()
      const { errors } = await exportOf(fixture, fixture.disk, args)
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    },
  )

  test.each([
    ['of an unknown disk', '?disk=xyz', 400, 'BAD_USER_INPUT'],
    ['without a disk', '', 400, 'BAD_USER_INPUT'],
    ['with an unknown parameter', '?disk=xyz&start=0', 400, 'BAD_USER_INPUT'],
    ['with a repeated parameter', '?disk=xyz&disk=abc', 400, 'BAD_USER_INPUT'],
    ['with an unknown format', '?disk=xyz&format=CSV', 400, 'BAD_USER_INPUT'],
    ['with a gap that is no number', '?disk=xyz&mergeGapsUpTo=1k', 400, 'BAD_USER_INPUT'],
    ['with a gap that is no exact number', '?disk=xyz&mergeGapsUpTo=9999999999999999', 400, 'BAD_USER_INPUT'],
    ['with two starting points', '?disk=xyz&sinceChangeId=a&sinceSnapshot=b', 400, 'BAD_USER_INPUT'],
    ['of changes as EXTENTLIST', '?disk=xyz&format=EXTENTLIST&sinceChangeId=a', 400, 'BAD_USER_INPUT'],
  ])('%s fails with a status and a readable error', async (_, query, status, code) => {
    const fixture = await changedAreasFixture()
    const response = await fixture.fetch(`/areas${query}`)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.any(String), extensions: { code, requestId: expect.any(String) } }],
    })
  })

  test('with an empty changeId is rejected, not read as everything in use', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk, '(since: { changeId: "" })')
    const response = await fixture.fetch(file.path)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'CHANGE_ID_INVALID' } }] })
  })

  test('of a removed snapshot is 404, and with a stale changeId 409', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk, '(since: { changeId: "52 00 00/1" })')
    expect((await fixture.fetch(file.path)).status).toBeOneOf([400, 409])
    const { file: removed } = await exportOf(fixture, fixture.disk)
    fixture.remove(fixture.disk)
    expect((await fixture.fetch(removed.path)).status).toBe(404)
  })

  test('over a limit of the operation is 400, as the limits that are checked before', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk)
    const { startGateway } = await import('../../test-gateway.ts')
    const limited = startGateway({ simulator: fixture.simulator, limits: { vcenterResponseBytes: 1 } })
    onTestFinished(() => limited.close())
    const response = await limited.fetch(file.path)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] })
  })

  test('accepts GET only, and no page of another site', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk)
    fixture.queries()
    const post = await fixture.fetch(file.path, { method: 'POST', body: '{}' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET'])
    const statusWith = async (headers: Record<string, string>) =>
      (await fixture.fetch(file.path, { headers })).status
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
    expect(await statusWith({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await statusWith({ origin: 'https://elsewhere.example' })).toBe(403)
    // To http:// and another machine's name, a browser states no site.
    expect(await statusWith(browser)).toBe(403)
    expect(await statusWith({ ...browser, referer: 'http://elsewhere.example/localhost' })).toBe(403)
    expect(fixture.queries()).toBe(0)
    for (const own of [
      { ...browser, 'sec-fetch-site': 'same-origin' },
      { ...browser, 'sec-fetch-site': 'none' },
      { ...browser, referer: 'http://localhost/graphql' },
      { 'user-agent': 'curl/8.14.1' },
    ])
      expect(await statusWith(own)).toBe(200)
  })

  test('is also served while only persisted operations are accepted', async () => {
    const fixture = await changedAreasFixture()
    await fixture.snapshot()
    const { file } = await exportOf(fixture, await fixture.snapshot())
    const { startGateway } = await import('../../test-gateway.ts')
    const locked = startGateway({
      simulator: fixture.simulator,
      persisted: { documents: new Map(), persistedOnly: true },
    })
    onTestFinished(() => locked.close())
    expect((await locked.fetch(file.path)).status).toBe(200)
  })
})

describe('a download that fails', () => {
  test('before its first line has the status of the error', async () => {
    const failing = failingFrom(1)
    const fixture = await failing.fixture
    const { file } = await exportOf(fixture, fixture.disk)
    failing.arm()
    const response = await fixture.fetch(file.path)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'VSPHERE_FAULT' } }] })
  })

  test('later is reset and has no last line', async () => {
    const failing = failingFrom(5)
    const fixture = await failing.fixture
    const { file } = await exportOf(
      fixture,
      fixture.disk,
      `(since: { changeId: "${fixture.base.changeId}" })`,
    )
    const url = await fixture.listen()
    failing.arm()
    const received = await readUntilReset(new URL(file.path, url))
    expect(received.error).toBe('ECONNRESET')
    expect(received.text).toContain('"type":"start"')
    expect(received.text).not.toContain('"type":"end"')
  })

  test('because the gateway stops is reset too', async () => {
    const fixture = await fixtureWithAreas()
    const { file } = await exportOf(fixture, fixture.disk)
    const url = await fixture.listen()
    const queries = fixture.simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
    const reading = readUntilReset(new URL(file.path, url))
    await queries.waitFor()
    queries.release()
    fixture.stop()
    const { text } = await reading
    expect(text).not.toContain('"type":"end"')
  })
})

/** Reads a response over a socket until it ends or is reset. */
function readUntilReset(url: URL): Promise<{ readonly text: string; readonly error: string | undefined }> {
  return new Promise((resolve) => {
    let text = ''
    get(url, { headers: { host: 'localhost' } }, (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', (error: NodeJS.ErrnoException) => resolve({ text, error: error.code }))
      response.on('end', () => resolve({ text, error: undefined }))
    }).on('error', (error: NodeJS.ErrnoException) => resolve({ text, error: error.code }))
  })
}
