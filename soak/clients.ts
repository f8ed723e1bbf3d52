// Who asks: each client one operation after the other, of all kinds in turn, as programs do that know the vCenter's troubles.

import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, fetch, type Response } from 'undici'
import type { Tally } from './tally.ts'

/** What the gateway was asked about, to ask it about. */
export interface Known {
  /** Virtual machines that nobody else changes, one for each client. */
  readonly own: readonly string[]
  /** Disks in snapshots that stay, each with a changeId. */
  readonly disks: readonly string[]
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation selects
  readonly data?: any
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

export class Clients {
  readonly #url: string
  readonly #tally: Tally
  readonly #agent = new Agent()

  constructor(url: string, tally: Tally) {
    this.#url = url
    this.#tally = tally
  }

  /** Goes on until the signal, and to the end of what was begun. */
  async run(count: number, known: Known, until: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, nth) => this.#client(nth, known, until)))
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async ask(operation: string, query: string, variables?: object): Promise<Answer> {
    const answer = (await (await this.#post(query, variables)).json()) as Answer
    this.#tally.add(operation, answer.errors?.[0]?.extensions.code ?? 'answered')
    return answer
  }

  async #client(nth: number, { own, disks }: Known, until: AbortSignal): Promise<void> {
    const machine = own[nth % own.length]
    const disk = disks[nth % disks.length]
    const steps = [
      () =>
        this.ask(
          'query',
          '{ hosts { nodes { name virtualMachines(first: 3) { nodes { name powerState } } } } }',
        ),
      () => this.#pages(until),
      () => this.ask('changed areas', areas, { disk }),
      () => this.#change(machine),
      () => this.#subscribe(),
      () => this.#hangUp(nth),
    ]
    for (let step = nth; !until.aborted; step += 1) {
      await steps[step % steps.length]?.()
      await sleep(50 + (nth % 10) * 10)
    }
  }

  async #pages(until: AbortSignal): Promise<void> {
    for (let after: string | null = null; !until.aborted; ) {
      const { data } = await this.ask('page', page, { after })
      after = data?.virtualMachines?.pageInfo.endCursor ?? null
      if (!data?.virtualMachines?.pageInfo.hasNextPage) return
    }
  }

  async #change(moid: string | undefined): Promise<void> {
    const { data } = await this.ask('createSnapshot', create, { moid })
    const id = data?.createSnapshot?.snapshot?.id
    // What became of one that is unknown is looked after by whoever asked for it.
    if (id) await this.ask('removeSnapshot', remove, { id })
    else await this.ask('removeAll', removeAll, { moid })
  }

  async #subscribe(): Promise<void> {
    const client = new AbortController()
    const response = await this.#post(follow, {}, client.signal, 'text/event-stream')
    let text = ''
    const limit = setTimeout(() => client.abort(), 2_000)
    try {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString()
        const [, event] = /^event: next\ndata: (.*)$/m.exec(text) ?? []
        if (event === undefined) continue
        const { errors } = JSON.parse(event) as Answer
        this.#tally.add('subscription', errors?.[0]?.extensions.code ?? 'answered')
        break
      }
    } catch {
      this.#tally.add('subscription', 'hung up')
    } finally {
      clearTimeout(limit)
      client.abort()
    }
  }

  async #hangUp(nth: number): Promise<void> {
    const asked = this.#post(page, { after: null }, AbortSignal.timeout(5 + (nth % 20)))
    const outcome = await asked
      .then((response) => response.text())
      .then(
        () => 'answered',
        () => 'hung up',
      )
    this.#tally.add('hang-up', outcome)
  }

  #post(
    query: string,
    variables?: object,
    signal?: AbortSignal,
    accept = 'application/json',
  ): Promise<Response> {
    return fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query, variables }),
      dispatcher: this.#agent,
      ...(signal && { signal }),
    })
  }
}

const page =
  'query ($after: String) { virtualMachines(first: 100, after: $after, orderBy: { field: NAME }) { nodes { name host { name } disks { capacity } } pageInfo { endCursor hasNextPage } } }'
const areas =
  'query ($disk: ID!) { node(id: $disk) { ... on VirtualDisk { allocatedAreas(first: 500) { nodes { start length } } } } }'
const create =
  'mutation ($moid: String!) { createSnapshot(input: { virtualMachine: { moid: $moid }, name: "soak" }) { snapshot { id } } }'
const remove = 'mutation ($id: ID!) { removeSnapshot(input: { snapshot: $id }) { task { state } } }'
const removeAll =
  'mutation ($moid: String!) { removeAllSnapshots(input: { virtualMachine: { moid: $moid } }) { task { state } } }'
const follow =
  'subscription { virtualMachineChanges(filter: { name: "*1*" }) { initial changes { kind virtualMachine { name powerState } } } }'
