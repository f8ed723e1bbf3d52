// Tests servers that respond at once with nothing, or with the same page forever: neither the update stream
// nor a retrieval may send requests as fast as they respond.

import { describe, expect, it, onTestFinished } from 'vitest'
import type { Transport, TransportRequest } from '../../../src/transport/transport.ts'
import { getContainerView } from '../../../src/vim25/property-collector/container-views.ts'
import { retrieveProperties } from '../../../src/vim25/property-collector/property-collector.ts'
import { UnknownProperties } from '../../../src/vim25/property-collector/unknown-properties.ts'
import { createUpdateStream } from '../../../src/vim25/updates/update-stream.ts'
import { soapEnvelope } from '../../soap-proxy.ts'
import { bodyOf, connect, errorOf, waitUntil } from '../connect.ts'
import { createPacingClock } from './pacing-clock.ts'

const retryMs = 60_000

/** Responds to some requests itself, based on the response of the server. */
const respondingWith =
  (
    respond: (request: TransportRequest, text: () => Promise<string>) => Promise<string> | string | undefined,
  ) =>
  (transport: Transport): Transport => ({
    ...transport,
    async send(request) {
      const text = async () => {
        const { body } = await transport.send(request)
        const chunks: Uint8Array[] = []
        for await (const chunk of body) chunks.push(chunk)
        return Buffer.concat(chunks).toString()
      }
      const given = respond(request, text)
      if (given === undefined) return transport.send(request)
      return { status: 200, headers: {}, body: bodyOf(await given) }
    },
  })

/** Like `answering`, with the filter that was created last. */
function respondingWithFilter(respond: (request: TransportRequest, filter: string) => string | undefined) {
  let filter = ''
  return respondingWith((request, text) => {
    if (!request.body?.includes('<CreateFilter ')) return respond(request, filter)
    return text().then((reply) => {
      filter = /type="PropertyFilter"[^>]*>([^<]+)</.exec(reply)?.[1] ?? ''
      return reply
    })
  })
}

const updates = (inner: string) =>
  soapEnvelope(`<WaitForUpdatesExResponse xmlns="urn:vim25">${inner}</WaitForUpdatesExResponse>`)
const change = (filter: string) =>
  `<filterSet><filter type="PropertyFilter">${filter}</filter><objectSet><kind>modify</kind>` +
  '<obj type="VirtualMachine">vm-1</obj></objectSet></filterSet>'

function follow(wrap: (transport: Transport) => Transport) {
  const connected = connect({ vms: 2, wrap })
  const time = createPacingClock()
  const stream = createUpdateStream(connected.session, { minReopenIntervalMs: retryMs, clock: time.clock })
  const reported = { starts: 0, later: 0 }
  const follow = () =>
    stream.subscribe({
      open: async (login) => ({
        views: [await getContainerView(login, 'VirtualMachine', {})],
        propSet: [{ type: 'VirtualMachine', pathSet: ['name'] }],
        onUpdates: (_updates, isStart) => {
          if (!isStart) reported.later += 1
        },
        onStarted: () => {
          reported.starts += 1
        },
      }),
      onError: () => {},
    })
  onTestFinished(follow())
  return { ...connected, time, reported, follow }
}

const isLongPoll = ({ body = '' }: TransportRequest) => body.includes('<maxWaitSeconds>30<')
const isPoll = ({ body = '' }: TransportRequest) => body.includes('<WaitForUpdatesEx ')

describe('a long poll that returns at once', () => {
  const emptyReplies: [string, (version: number) => string][] = [
    ['nothing', () => ''],
    ['an empty set', (version) => `<returnval><version>${version}</version></returnval>`],
    [
      'changes of an unknown filter',
      (version) => `<returnval><version>${version}</version>${change('unknown')}</returnval>`,
    ],
    [
      'a truncated empty set',
      (version) => `<returnval><version>${version}</version><truncated>1</truncated></returnval>`,
    ],
  ]
  it.each(emptyReplies)(
    'with %s is repeated no sooner than after the retry interval',
    async (what, reply) => {
      let polls = 0
      const { time, reported } = follow(
        respondingWith((request) => {
          if (!isLongPoll(request)) return undefined
          polls += 1
          return updates(reply(100 + polls))
        }),
      )
      for (let round = 1; round <= 4; round += 1) {
        await waitUntil(() => time.waiting.length > 0)
        expect(time.waiting).toEqual([retryMs])
        // Empty pages follow the truncated one at first, and the simulator ends them.
        expect(polls).toBe(round)
        time.advance(retryMs - 1)
        await new Promise(setImmediate)
        expect(polls).toBe(round)
        time.advance(1)
      }
      expect(reported.later, what).toBe(0)
    },
  )

  it('with changes and the version that was sent is repeated no sooner than after the interval', async () => {
    let polls = 0
    const { time } = follow(
      respondingWithFilter((request, filter) => {
        if (!isLongPoll(request)) return undefined
        polls += 1
        const version = /<version>(.*?)<\/version>/.exec(request.body ?? '')?.[1]
        return updates(`<returnval><version>${version}</version>${change(filter)}</returnval>`)
      }),
    )
    await waitUntil(() => time.waiting.length > 0)
    expect(polls).toBe(1)
  })

  it('with changes is repeated at once', async () => {
    let polls = 0
    const { time, reported } = follow(
      respondingWithFilter((request, filter) => {
        if (!isLongPoll(request) || polls === 500) return undefined
        polls += 1
        return updates(`<returnval><version>${100 + polls}</version>${change(filter)}</returnval>`)
      }),
    )
    await waitUntil(() => reported.later === 500)
    expect(time.waiting).toEqual([])
  })

  it('with nothing does not delay a subscription that starts or ends meanwhile', async () => {
    const {
      time,
      reported,
      follow: followMore,
    } = follow(respondingWith((request) => (isLongPoll(request) ? updates('') : undefined)))
    await waitUntil(() => time.waiting.length > 0)
    expect(reported.starts).toBe(1)
    const leave = followMore()
    await waitUntil(() => reported.starts === 2)
    await waitUntil(() => time.waiting.length > 0)
    leave()
    await waitUntil(() => time.waiting.length > 0)
  })

  it('with nothing does not delay a subscription that starts just when the next call starts', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      let polls = 0
      const {
        time,
        reported,
        follow: followMore,
      } = follow(
        respondingWith((request) => (isLongPoll(request) && polls++ === 0 ? updates('') : undefined)),
      )
      await waitUntil(() => time.waiting.length > 0)
      time.advance(retryMs)
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      followMore()
      await waitUntil(() => reported.starts === 2)
    }
  })
})

it('a stream whose truncated pages do not end is reopened after the retry interval', async () => {
  let polls = 0
  const { time, reported, counts } = follow(
    respondingWith((request) => {
      if (!isPoll(request)) return undefined
      polls += 1
      return updates(`<returnval><version>${polls}</version><truncated>true</truncated></returnval>`)
    }),
  )
  await waitUntil(() => time.waiting.length > 0)
  expect(polls).toBe(21)
  expect(reported.starts).toBe(0)
  time.advance(retryMs)
  await waitUntil(() => counts().CreatePropertyCollector === 2 && time.waiting.length > 0)
  expect(polls).toBe(42)
})

describe('a retrieval', () => {
  const page = (method: string, token: string, objects: readonly string[]) =>
    soapEnvelope(
      `<${method}Response xmlns="urn:vim25"><returnval><token>${token}</token>${objects
        .map((moid) => `<objects><obj type="VirtualMachine">${moid}</obj></objects>`)
        .join('')}</returnval></${method}Response>`,
    )
  const specSet = [
    {
      propSet: [{ type: 'VirtualMachine', pathSet: ['name'] }],
      objectSet: [{ obj: { type: 'VirtualMachine', value: 'vm-1' } }],
    },
  ]
  const repeats: [string, (number: number) => string, (number: number) => readonly string[]][] = [
    ['repeats one page with the same token', () => 'same', () => ['vm-1', 'vm-2']],
    ['repeats one page with other tokens', String, () => ['vm-1', 'vm-2']],
    ['repeats three pages', String, (number) => [`vm-${number % 3}`]],
    ['sends empty pages', String, () => []],
  ]
  it.each(repeats)('that %s ends with an error', async (_what, token, objects) => {
    let pages = 0
    const { session } = connect({
      wrap: respondingWith(({ body = '' }) => {
        const method = /<((?:Continue)?RetrieveProperties(?:Ex)?) /.exec(body)?.[1]
        if (method === undefined) return undefined
        pages += 1
        return page(method, token(pages), objects(pages))
      }),
    })
    const error = await errorOf(
      session.withLogin((login) => retrieveProperties(login, specSet, new UnknownProperties(), {}, () => {})),
    )
    expect(error).toMatchObject({
      name: 'SoapError',
      message: expect.stringContaining('repeated or empty pages of a retrieval'),
    })
    expect(pages).toBeLessThan(30)
  })

  it('whose pages all have the same token is read to the end', async () => {
    let pages = 0
    const { session } = connect({
      wrap: respondingWith(({ body = '' }) => {
        const method = /<((?:Continue)?RetrieveProperties(?:Ex)?) /.exec(body)?.[1]
        if (method === undefined) return undefined
        pages += 1
        const text = page(method, 'same', [`vm-${pages}`])
        return pages < 100 ? text : text.replace(/<token>.*<\/token>/, '')
      }),
    })
    const found = new Set<string>()
    await session.withLogin((login) =>
      retrieveProperties(login, specSet, new UnknownProperties(), {}, ({ obj }) => found.add(obj.value)),
    )
    expect(found.size).toBe(100)
  })
})
